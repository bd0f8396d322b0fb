import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as z from 'zod'
import { convert, defineConversion, defineKind, type Happening } from '../lib/index.ts'
import { checkRoundTrips } from '../lib/testing/conversion.ts'
import { fakeClock } from './fake-clock.ts'

const group = 'test.fairlead.dev'
const Lamp = defineKind({
  group,
  kind: 'Lamp',
  scope: 'Namespaced',
  versions: {
    v1: { spec: z.object({ watts: z.int().default(40) }), status: z.object({ on: z.boolean() }) },
    v2: {
      spec: z.object({ power: z.object({ watts: z.int().default(40) }).prefault({}) }),
      status: z.object({ on: z.boolean() }),
    },
    v3: {
      storage: true,
      spec: z.object({
        power: z.object({ watts: z.int().default(40) }).prefault({}),
        color: z.enum(['warm', 'cold']).default('warm'),
        places: z.array(z.string()).optional(),
      }),
      status: z.object({ on: z.boolean() }),
    },
  },
})

const edges = {
  'v1 -> v2': ({ spec: { watts } }: { spec: { watts: number } }) => ({ spec: { power: { watts } } }),
  'v2 -> v1': ({ spec: { power } }: { spec: { power: { watts: number } } }) => ({
    spec: { watts: power.watts },
  }),
  'v2 -> v3': ({ spec }: { spec: object }) => ({ spec }),
  'v3 -> v2': ({ spec: { power } }: { spec: { power: object } }) => ({ spec: { power } }),
} as const

const keeping = defineConversion(Lamp, edges, { keep: true })
const losing = defineConversion(Lamp, edges)

const lamp = (version: string, spec: object, more: object = {}) => ({
  apiVersion: `${group}/${version}`,
  kind: 'Lamp',
  metadata: { name: 'desk', namespace: 'default', uid: 'u', resourceVersion: '7', managedFields: [{ a: 1 }] },
  spec,
  ...more,
})

const asked = (version: string, ...objects: unknown[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'ConversionReview',
  request: { uid: 'c-1', desiredAPIVersion: `${group}/${version}`, objects },
})

async function ask(body: unknown, conversion = losing) {
  const happenings: Happening[] = []
  const report = (happening: Happening) => void happenings.push(happening)
  const { response } = await convert(body, conversion, { clock: fakeClock(), report })
  const converted = response.convertedObjects as ReturnType<typeof lamp>[] | undefined
  return { ...response, converted, happenings }
}

describe('convert (R18, G7)', () => {
  it('goes the shortest way along the edges, in order, and changes nothing of metadata', async () => {
    const { uid, result, converted } = await ask(
      asked(
        'v3',
        lamp('v1', { watts: 5 }),
        lamp('v2', { power: { watts: 6 } }),
        lamp('v3', { power: { watts: 7 } }),
      ),
    )
    assert.deepEqual([uid, result], ['c-1', { status: 'Success' }])
    assert.deepEqual(converted, [
      lamp('v3', { power: { watts: 5 } }),
      lamp('v3', { power: { watts: 6 } }),
      lamp('v3', { power: { watts: 7 } }),
    ])
  })

  it('leaves a status and fields beside spec as they are', async () => {
    const { converted } = await ask(
      asked('v1', lamp('v3', { power: { watts: 5 } }, { status: { on: true }, extra: 1 })),
    )
    assert.deepEqual(converted, [lamp('v1', { watts: 5 }, { status: { on: true }, extra: 1 })])
  })

  it('lets an edge write labels and annotations', async () => {
    const labelling = defineConversion(Lamp, {
      ...edges,
      'v1 -> v2': ({ spec: { watts } }) => ({ spec: { power: { watts } }, labels: { was: 'v1' } }),
    })
    const { converted } = await ask(asked('v2', lamp('v1', { watts: 5 })), labelling)
    const [object] = converted ?? []
    assert.deepEqual(object?.metadata, { ...lamp('v1', {}).metadata, labels: { was: 'v1' } })
  })

  it('converts all or nothing: one that is another’s, or of an unknown version, fails with the reason', async () => {
    const good = lamp('v1', { watts: 5 })
    for (const [body, message] of [
      [asked('v9', good), /Lamp has the versions .*v1, .*v2, .*v3, got test\.fairlead\.dev\/v9/],
      [asked('v2', good, { ...good, apiVersion: 'other.dev/v1' }), /got other\.dev\/v1/],
      [asked('v2', good, { ...good, kind: 'Torch' }), /conversion is of Lamp, got Torch/],
      [asked('v2', { spec: {} }), /request\.objects\.0\.apiVersion/],
      [{ ...asked('v2', good), kind: 'AdmissionReview' }, /not a ConversionReview/],
      [undefined, /not a ConversionReview/],
    ] as const) {
      const { result, converted } = await ask(body)
      assert.deepEqual([result.status, converted], ['Failed', undefined])
      assert.match(result.message ?? '', message)
    }
  })

  it('names the object that an edge stumbled over, and reports the mistake', async () => {
    const { uid, result, happenings } = await ask(asked('v1', lamp('v3', {})))
    assert.equal(uid, 'c-1')
    assert.deepEqual(result, {
      status: 'Failed',
      message: `conversion of Lamp "desk" from ${group}/v3 to v1 failed`,
    })
    const [happening] = happenings
    assert.ok(happening?.type === 'reviewed' && happening.result === 'failed')
    assert.match(happening.error ?? '', /TypeError/)
  })
})

describe('conversion: keep', () => {
  const there = async (object: object) => (await ask(asked('v1', object), keeping)).converted?.[0]
  const back = async (object: unknown) => (await ask(asked('v3', object), keeping)).converted?.[0]

  it('keeps what an older version cannot hold in an annotation, and puts it back', async () => {
    const original = lamp('v3', { power: { watts: 5 }, color: 'cold', places: ['desk'] })
    const older = await there(original)
    assert.deepEqual(older?.spec, { watts: 5 })
    assert.match(JSON.stringify(older?.metadata), /fairlead\.dev\/kept-v3/)
    assert.deepEqual(await back(older), original)
  })

  it('keeps nothing where defaults bring everything back', async () => {
    const older = await there(lamp('v3', { power: { watts: 5 }, color: 'warm' }))
    assert.deepEqual(older, lamp('v1', { watts: 5 }))
  })

  it('keeps what an edge hands on to a version that does not know it: the API server prunes it there', async () => {
    const spreading = { ...edges, 'v3 -> v2': ({ spec }: { spec: { power: object } }) => ({ spec }) } as const
    const conversion = defineConversion(Lamp, spreading, { keep: true })
    checkRoundTrips(conversion)
    const { converted: [older] = [] } = await ask(
      asked('v2', lamp('v3', { power: { watts: 5 }, color: 'cold' })),
      conversion,
    )
    assert.match(JSON.stringify(older?.metadata), /kept-v3.*cold/)
  })

  it('takes no unknown field for a known one because of its name', async () => {
    const spec = JSON.parse('{"power":{"watts":5},"constructor":1,"toString":2,"__proto__":{"a":1}}')
    assert.deepEqual(await there(lamp('v3', spec)), lamp('v1', { watts: 5 }))
  })

  it('puts back what was kept beside what somebody changed meanwhile', async () => {
    const older = await there(lamp('v3', { power: { watts: 5 }, color: 'cold' }))
    const newer = await back({ ...older, spec: { watts: 9 } })
    assert.deepEqual(newer?.spec, { power: { watts: 9 }, color: 'cold' })
  })

  it('is not taken in by a note that somebody wrote: nothing past the spec, nothing invalid, nothing that fails', async () => {
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    const hostile = [
      '[{"path":["apiVersion"],"value":"evil/v9"}]',
      '[{"path":["metadata"],"value":{"name":"other"}}]',
      '[{"path":[],"seen":{"power":{"watts":5},"color":"warm"},"value":null}]',
      '[{"path":["color"],"seen":"warm","value":"green"}]',
      '[{"path":["status"],"value":{"on":true}}]',
      `[{"path":["places"],"value":${deep}}]`,
      JSON.stringify(Array.from({ length: 5_000 }, (_, index) => ({ path: [`k${index}`], value: 1 }))),
    ]
    for (const note of hostile) {
      const object = lamp('v1', { watts: 5 })
      const metadata = { ...object.metadata, annotations: { 'fairlead.dev/kept-v3': note } }
      const { spec, ...newer } = (await back({ ...object, metadata })) ?? assert.fail(note)
      const { spec: _spec, ...frame } = lamp('v3', {})
      assert.deepEqual(newer, frame)
      const { power, color = 'warm', places } = spec as { power: object; color?: string; places?: unknown }
      assert.deepEqual([power, color, places], [{ watts: 5 }, 'warm', undefined])
    }
    for (const note of ['{', '7', '[{"path":7}]', '[{"path":["__proto__","polluted"],"value":1}]']) {
      const object = lamp('v1', { watts: 5 })
      const metadata = { ...object.metadata, annotations: { 'fairlead.dev/kept-v3': note } }
      const newer = await back({ ...object, metadata })
      assert.deepEqual((newer?.spec as { power?: object } | undefined)?.power, { watts: 5 })
      assert.equal(({} as { polluted?: number }).polluted, undefined)
    }
  })
})

describe('conversion: edges', () => {
  it('get copies: one that changes what it is given loses nothing in secret', async () => {
    const careless = {
      ...edges,
      'v3 -> v2': ({ spec }: { spec: { power: object; places?: unknown; color?: unknown } }) => {
        delete spec.places
        delete spec.color
        return { spec }
      },
    } as const
    const conversion = defineConversion(Lamp, careless as never, { keep: true })
    const original = lamp('v3', { power: { watts: 5 }, color: 'cold', places: ['desk'] })
    const { converted: [older] = [] } = await ask(asked('v1', original), conversion)
    const { converted: [newer] = [] } = await ask(asked('v3', older), conversion)
    assert.deepEqual(newer, original)
    assert.throws(() => checkRoundTrips(defineConversion(Lamp, careless as never)), /v3 -> v2 -> v3 loses/)
  })

  it('may take a status away, and write annotations beside the note', async () => {
    const conversion = defineConversion(
      Lamp,
      {
        ...edges,
        'v3 -> v2': ({ spec: { power } }) => ({
          spec: { power },
          status: undefined,
          annotations: { by: 'edge' },
        }),
        'v2 -> v3': ({ spec }) => ({ spec, annotations: {} }),
      },
      { keep: true },
    )
    const original = lamp('v3', { power: { watts: 5 }, color: 'cold' }, { status: { on: true } })
    const { converted: [older] = [] } = await ask(asked('v2', original), conversion)
    assert.ok(older && !('status' in older))
    const { converted: [newer] = [] } = await ask(asked('v3', older), conversion)
    assert.deepEqual(newer?.spec, { power: { watts: 5 }, color: 'cold' })
  })

  it('may change nothing but spec, status, labels and annotations, whatever else they return', async () => {
    const spreading = {
      ...edges,
      'v1 -> v2': (object: object) => ({ ...object, apiVersion: 'x', metadata: {}, spec: { power: {} } }),
    }
    const { converted } = await ask(
      asked('v2', lamp('v1', { watts: 5 })),
      defineConversion(Lamp, spreading as never),
    )
    assert.deepEqual(converted, [lamp('v2', { power: {} })])
  })

  it('keeps a thousand differences a field at a time', async () => {
    const places = Array.from({ length: 1_000 }, (_, index) => `p${index}`)
    const original = lamp('v3', { power: { watts: 5 }, color: 'cold', places })
    const { converted: [older] = [] } = await ask(asked('v1', original), keeping)
    const { converted: [newer] = [] } = await ask(asked('v3', older), keeping)
    assert.deepEqual(newer, original)
  })
})

describe('checkRoundTrips (G9)', () => {
  it('finds nothing where nothing is lost', () => {
    checkRoundTrips(keeping)
  })

  it('tells the author which field is lost, between which versions, with the smallest value that shows it', () => {
    assert.throws(
      () => checkRoundTrips(losing, { seed: 1 }),
      (error: Error) => {
        const lines = error.message.split('\n')
        assert.deepEqual(
          lines.map((line) => line.slice(0, 40)),
          ['Conversion of "Lamp": v3 -> v1 -> v3 los', 'Conversion of "Lamp": v3 -> v2 -> v3 los'],
        )
        assert.match(
          lines[0] ?? '',
          /loses spec\.(color: "cold" comes back as "warm"|places: \[\] comes back as nothing) \(seed 1\)/,
        )
        return true
      },
    )
  })

  it('tells of an edge that fails for an object that the schemas allow', () => {
    const failing = defineConversion(Lamp, {
      ...edges,
      'v1 -> v2': ({ spec: { watts } }) => {
        if (watts < 0) throw new RangeError('darkness')
        return { spec: { power: { watts } } }
      },
    })
    assert.throws(() => checkRoundTrips(failing), /v1 -> v2 -> v1 fails for spec \{"watts":-1\}: darkness/)
  })
})

describe('defineConversion', () => {
  it('refuses edges that name no version, and pairs that no way leads between', () => {
    assert.throws(
      () => defineConversion(Lamp, { 'v1 -> v2': edges['v1 -> v2'], 'v1 -> v9': () => ({}) } as never),
      (error: Error) => {
        assert.match(
          error.message,
          /Conversion of "Lamp": an edge must be "from -> to" of the versions v1, v2, v3, got "v1 -> v9"/,
        )
        assert.match(error.message, /no way leads from v2 to v1: add an edge/)
        return true
      },
    )
  })
})
