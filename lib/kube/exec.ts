/**
 * What client-node leaves out of exec plugins (KEP-541): telling the plugin how and for which cluster it is called, and
 * saying what went wrong without the plugin's output, which may be the credential.
 */
import type { Chosen, KubeconfigCluster, KubeconfigUser } from './contexts.ts'

const MESSAGE_LIMIT = 300

/** `KUBERNETES_EXEC_INFO`, from which plugins choose the version of their answer. */
export function execInfo(exec: NonNullable<KubeconfigUser['exec']>, cluster: KubeconfigCluster) {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1beta1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}),
    },
  }
  return { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }
}

const clusterInfo = (cluster: KubeconfigCluster) => ({
  server: cluster.server,
  'tls-server-name': cluster['tls-server-name'],
  'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
  'certificate-authority-data': cluster['certificate-authority-data'],
  'proxy-url': cluster['proxy-url'],
})

/** A failed login, named. What a plugin wrote to stderr is for its user (`run "aws sso login"`), so its start is kept. */
export function loginFailure(error: unknown, { origin, user }: Chosen): Error {
  const where = `${origin}: user "${user.name}"`
  const problem = error instanceof Error ? error.message.trim().slice(0, MESSAGE_LIMIT) : 'login failed'
  if (!user.exec) return new Error(`${where}: ${problem}`, { cause: error })
  const plugin = `${where}: exec plugin "${user.exec.command}"`
  // A SyntaxError quotes what the plugin printed, and a TypeError says that a part of it is missing.
  if (error instanceof SyntaxError || error instanceof TypeError)
    return new Error(`${plugin} did not print an ExecCredential`)
  const hint = user.exec.installHint
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  return new Error(`${plugin}: ${isMissing ? `not found${hint ? `: ${hint}` : ' in PATH'}` : problem}`, {
    cause: error,
  })
}
