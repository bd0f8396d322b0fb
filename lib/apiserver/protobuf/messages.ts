/**
 * The messages of Kubernetes' protobuf that typed clients send (`kubectl create configmap`, any client in Go that asks for
 * protobuf), field number by field number as in the `generated.proto` files of k8s.io/api and k8s.io/apimachinery.
 *
 * `number name type`; types: `string`, `bytes`, `bool`, `int`, a message, `type[]`, `type{}` (a map from strings), `type*` (a
 * message whose fields JSON has in the place of the field itself).
 */
import { accessMessages } from './messages/access.ts'
import { clusterMessages } from './messages/cluster.ts'
import { coreMessages } from './messages/core.ts'
import { metaMessages } from './messages/meta.ts'
import { podMessages } from './messages/pod.ts'
import { workloadsMessages } from './messages/workloads.ts'

const SOURCE: Readonly<Record<string, string>> = {
  Unknown: '1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string',
  TypeMeta: '1 apiVersion string, 2 kind string',
  Time: '1 seconds int, 2 nanos int',
  MicroTime: '1 seconds int, 2 nanos int',
  Quantity: '1 string string',
  IntOrString: '1 type int, 2 intVal int, 3 strVal string',
  RawExtension: '1 raw bytes',
  FieldsV1: '1 raw bytes',
  ...metaMessages,
  ...podMessages,
  ...coreMessages,
  ...workloadsMessages,
  ...clusterMessages,
  ...accessMessages,
}

/** Kinds whose message is not called as they are: two groups have one of that name. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['autoscaling/v1/HorizontalPodAutoscaler', 'OldAutoscalingHorizontalPodAutoscaler'],
  ['events.k8s.io/v1/Event', 'EventsEvent'],
])

/** The message that a kind is sent as. */
export const messageOf = (apiVersion: string, kind: string): string =>
  RENAMED.get(`${apiVersion}/${kind}`) ?? kind

type Shape = 'one' | 'list' | 'map' | 'inline'

/** One field of a message. */
export interface Field {
  readonly name: string
  /** A scalar's name or a message's. */
  readonly type: string
  readonly shape: Shape
}

/** The fields of a message by number, or undefined for a message that is not known. */
export function fieldsOf(message: string): ReadonlyMap<number, Field> | undefined {
  const source = Object.hasOwn(SOURCE, message) ? SOURCE[message] : undefined
  if (source === undefined) return undefined
  const parts = source.split(', ').filter((part) => part !== '')
  return new Map(parts.map((part) => parseField(part.split(' '))))
}

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ['[]', 'list'],
  ['{}', 'map'],
  ['*', 'inline'],
])

function parseField([number = '', name = '', type = '']: string[]): [number, Field] {
  const suffix = /\W+$/.exec(type)?.[0] ?? ''
  const shape = SHAPES.get(suffix) ?? 'one'
  return [Number(number), { name, type: type.slice(0, type.length - suffix.length), shape }]
}
