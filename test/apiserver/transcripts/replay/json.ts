/** JSON as transcripts hold it. The replayer shares nothing with the server that it judges, so it has its own words for it. */

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** An object that is neither null nor an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a text holds, or undefined where it is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** How a value is shown in a difference: JSON, or that it is not there. */
export const showJson = (value: Json | undefined): string =>
  value === undefined ? '(absent)' : JSON.stringify(value)
