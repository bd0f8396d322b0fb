/**
 * The messages of `openapiv2.proto` (gnostic) as far as documents of this server hold them: for each, the fields in the order
 * of their numbers, with what the JSON of OpenAPI calls them.
 */

/** How a value is written: as it is, as a message, as one message per entry (`named`), or as text that is YAML (`any`). */
export type Writing =
  | { readonly type: 'string' | 'bool' | 'int' | 'double' | 'any' }
  | { readonly type: 'message'; readonly message: string }
  | { readonly type: 'named'; readonly message: string }

export interface Field {
  readonly number: number
  readonly json: string
  readonly writing: Writing
  readonly isMany: boolean
}

export interface Message {
  readonly fields: readonly Field[]
  /** The field that takes what begins with `x-`. */
  readonly extensions?: number
}

/** `NUMBER JSON TYPE`, in which `[]` marks what may come several times and `{}` a map. */
const TEXTS: Readonly<Record<string, { fields: string; extensions?: number }>> = {
  Document: {
    fields:
      '1 swagger string, 2 info Info, 8 paths Paths, 9 definitions Definitions, 10 parameters ParameterDefinitions, 12 security SecurityRequirement[], 13 securityDefinitions SecurityDefinitions',
  },
  Info: { fields: '1 title string, 2 version string' },
  Paths: { fields: '2 * PathItem{}' },
  PathItem: {
    fields:
      '2 get Operation, 3 put Operation, 4 post Operation, 5 delete Operation, 6 options Operation, 7 head Operation, 8 patch Operation, 9 parameters ParametersItem[]',
  },
  Operation: {
    fields:
      '1 tags string[], 3 description string, 5 operationId string, 6 produces string[], 7 consumes string[], 8 parameters ParametersItem[], 9 responses Responses, 10 schemes string[]',
    extensions: 13,
  },
  JsonReference: { fields: '1 $ref string' },
  BodyParameter: {
    fields: '1 description string, 2 name string, 3 in string, 4 required bool, 5 schema Schema',
  },
  QueryParameter: {
    fields:
      '1 required bool, 2 in string, 3 description string, 4 name string, 6 type string, 20 uniqueItems bool',
  },
  PathParameter: {
    fields:
      '1 required bool, 2 in string, 3 description string, 4 name string, 5 type string, 19 uniqueItems bool',
  },
  Responses: { fields: '1 * ResponseValue{}' },
  Response: { fields: '1 description string, 2 schema SchemaItem' },
  Definitions: { fields: '1 * Schema{}' },
  ParameterDefinitions: { fields: '1 * Parameter{}' },
  Schema: {
    fields:
      '1 $ref string, 2 format string, 3 title string, 4 description string, 5 default any, 6 multipleOf double, 7 maximum double, 8 exclusiveMaximum bool, 9 minimum double, 10 exclusiveMinimum bool, 11 maxLength int, 12 minLength int, 13 pattern string, 14 maxItems int, 15 minItems int, 16 uniqueItems bool, 17 maxProperties int, 18 minProperties int, 19 required string[], 20 enum any[], 21 additionalProperties AdditionalProperties, 22 type TypeItem, 23 items ItemsItem, 25 properties Definitions, 29 externalDocs ExternalDocs, 30 example any',
    extensions: 31,
  },
  ExternalDocs: { fields: '1 description string, 2 url string' },
  SecurityDefinitions: { fields: '1 * SecurityDefinition{}' },
  ApiKeySecurity: { fields: '1 type string, 2 name string, 3 in string, 4 description string' },
  SecurityRequirement: { fields: '1 * StringArray{}' },
}

/** The messages by name. */
export function readMessages(): ReadonlyMap<string, Message> {
  return new Map(
    Object.entries(TEXTS).map(([name, { fields, extensions }]) => [
      name,
      { fields: fields.split(', ').map(fieldOf), ...(extensions === undefined ? {} : { extensions }) },
    ]),
  )
}

const PLAIN = new Set(['string', 'bool', 'int', 'double', 'any'])

function fieldOf(text: string): Field {
  const [number = '', json = '', type = ''] = text.split(' ')
  const name = type.replace(/\[\]|\{\}/, '')
  const writing = type.endsWith('{}')
    ? { type: 'named' as const, message: name }
    : PLAIN.has(name)
      ? ({ type: name } as Writing)
      : { type: 'message' as const, message: name }
  return { number: Number(number), json, writing, isMany: type.endsWith('[]') }
}
