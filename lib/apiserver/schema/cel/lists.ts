/**
 * The list and set libraries of Kubernetes' CEL, for lists of scalars.
 */

import type { CelFunction } from './declare.ts'

type Scalar = string | number | bigint | boolean

const isSorted = (list: Scalar[]): boolean =>
  list.every((item, index) => index === 0 || (list[index - 1] ?? item) <= item)

const least = (list: Scalar[], isBetter: (one: Scalar, other: Scalar) => boolean): Scalar => {
  if (list.length === 0) throw new Error('min/max called on empty list')
  return list.reduce((best, item) => (isBetter(item, best) ? item : best))
}

const types = ['int', 'double', 'string']

const onList = (type: string, name: string, gives: string, run: CelFunction['run']): CelFunction => ({
  name,
  on: `list<${type}>`,
  takes: [],
  gives,
  run,
})

/** Functions of this library. */
export const listFunctions: readonly CelFunction[] = [
  ...types.flatMap((type) => [
    onList(type, 'isSorted', 'bool', isSorted),
    onList(type, 'min', type, (list: Scalar[]) => least(list, (one, other) => one < other)),
    onList(type, 'max', type, (list: Scalar[]) => least(list, (one, other) => one > other)),
    {
      name: 'indexOf',
      on: `list<${type}>`,
      takes: [type],
      gives: 'int',
      run: (list: Scalar[], item: Scalar) => BigInt(list.indexOf(item)),
    },
    {
      name: 'lastIndexOf',
      on: `list<${type}>`,
      takes: [type],
      gives: 'int',
      run: (list: Scalar[], item: Scalar) => BigInt(list.lastIndexOf(item)),
    },
  ]),
  onList('int', 'sum', 'int', (list: bigint[]) => list.reduce((total, item) => total + item, 0n)),
  onList('double', 'sum', 'double', (list: number[]) => list.reduce((total, item) => total + item, 0)),
]
