/** Times as `metadata` and conditions have them: RFC 3339 in UTC, in whole seconds. */

/** A time in milliseconds since the epoch; fractions of a second are cut off. */
export const timeText = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

/** The milliseconds since the epoch of such a text; 0 where there is none. */
export const timeOf = (text: string): number => (text === '' ? 0 : Date.parse(text))
