/** The order of API versions. */

const STAGES = ['alpha', 'beta', '']

/** Kubernetes' order of versions: v2, v1, v2beta1, v1beta2, v1alpha1, others by name. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parseVersion(one), parseVersion(other)]
  if (a === undefined || b === undefined) {
    if (a === undefined && b === undefined) return one < other ? -1 : 1
    return a === undefined ? 1 : -1
  }
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2]
}

function parseVersion(version: string): [number, number, number] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (match === null) return undefined
  return [STAGES.indexOf(match[2] ?? ''), Number(match[1]), Number(match[3] ?? 0)]
}
