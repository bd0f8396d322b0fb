/** What the functions of a local platform tell: their lines made readable, and counted. */
import type { Happening } from '../../lib/index.ts'
import { plain, printer } from '../../functions/print.ts'

/** As `printer` wants it. */
export interface Style {
  readonly color: boolean
  readonly now: () => number
}

/** What was told, counted. */
export interface Told {
  readonly changed: number
  readonly reconciled: number
  readonly calls: number
}

/** Prints happenings as `npm start` does and all other lines as they are, each behind `before` and on one line. */
export function teller(
  print: (line: string) => void,
  style: Style,
): { readonly tell: (line: string, before?: string) => void; readonly told: () => Told } {
  const counted = { changed: 0, reconciled: 0, calls: 0 }
  return {
    told: () => ({ ...counted }),
    tell(line, before = '') {
      const write = (text: string) => print(`${before}${text}`)
      const happening = happeningOf(line)
      // A resident relay has made its own readable.
      if (happening?.type === 'changed' || /^[\d:.]+ changed /.test(line)) counted.changed++
      if (happening?.type === 'reconciled') {
        counted.reconciled++
        counted.calls += happening.calls
      }
      try {
        if (happening === undefined) write(plain(line))
        else printer(write, style)(happening)
      } catch {
        // JSON of somebody else, with a type of its own.
        write(plain(line))
      }
    },
  }
}

/** The happening that a line is, as functions write them. */
export function happeningOf(line: string): Happening | undefined {
  if (!line.startsWith('{"type":"')) return undefined
  try {
    return JSON.parse(line) as Happening
  } catch {
    return undefined
  }
}

/** The last figures of a run: changes, and what each of them took, `more` included. */
export const changeLines = (told: Told, more: readonly string[] = []): string[] => [
  `changes ${told.changed}, reconciled ${told.reconciled} times`,
  ...(told.changed === 0
    ? []
    : [`each    ${[...more, `${each(told.calls, told)} requests to the API server`].join(', ')}`]),
]

/** A count for each change. */
export const each = (count: number, { changed }: Told): string => (count / changed).toFixed(2)
