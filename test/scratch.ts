/** Folders for tests. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty folder of the test's own. */
export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'fairlead-'))
