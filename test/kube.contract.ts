/**
 * What any connection to an API server must do, whatever its transport and whichever server: each transport runs it against
 * the embedded API server, and it is good for a real one. It needs ConfigMaps, Deployments and a namespace of its own.
 */
import { describe } from 'node:test'
import { openRig, type Subject } from './kube/rig.ts'
import { readContract } from './kube/read.contract.ts'
import { watchContract } from './kube/watch.contract.ts'
import { writeContract } from './kube/write.contract.ts'

export type { Subject } from './kube/rig.ts'

/** Registers the suite. `start` is called once; each test uses objects of its own. */
export function kubeContract(name: string, start: () => Promise<Subject>) {
  describe(`kube contract: ${name}`, () => {
    const rig = openRig(start)
    readContract(rig)
    writeContract(rig)
    watchContract(rig)
  })
}
