import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Denied, Deployment, defineReview, type Happening, Pod, review } from '../lib/index.ts'
import { fakeClock } from './fake-clock.ts'
import { ask, asked, Shop, shop } from './review.samples.ts'

const plain = defineReview(Shop, {})

describe('review: the answer (G1)', () => {
  it('carries the uid and the version of the question, v1 and v1beta1 alike', async () => {
    for (const apiVersion of ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']) {
      const answer = await ask(plain, 'validate', { ...asked(shop({})), apiVersion })
      assert.deepEqual(answer, { apiVersion, uid: 'u-1', allowed: true })
    }
  })

  it('has no patch where nothing changes, and the smallest where something does', async () => {
    const filled = shop({ size: 'large', replicas: 2 })
    assert.deepEqual(await ask(plain, 'mutate', asked(filled)), {
      apiVersion: 'admission.k8s.io/v1',
      uid: 'u-1',
      allowed: true,
    })
    const { patch, patchType } = await ask(plain, 'mutate', asked(shop({ size: 'large' })))
    assert.equal(patchType, 'JSONPatch')
    assert.deepEqual(patch, [{ op: 'add', path: '/spec/replicas', value: 1 }])
  })

  it('keeps fields that the schema does not know', async () => {
    const definition = defineReview(Shop, {
      default(object) {
        object.spec.title = 'New'
      },
    })
    const object = shop({ size: 'small', replicas: 1, extra: { deep: true } })
    const text = JSON.stringify(object).replace('"extra":{', '"__proto__":{"a":1},"constructor":2,"extra":{')
    const { patch } = await ask(definition, 'mutate', asked(JSON.parse(text)))
    assert.deepEqual(patch, [{ op: 'replace', path: '/spec/title', value: 'New' }])
  })

  it('may be refused by a default function too, its warnings told', async () => {
    const definition = defineReview(Shop, {
      default(_, { warn }) {
        warn('soon')
        throw new Denied('not today')
      },
    })
    const { allowed, status, warnings } = await ask(definition, 'mutate', asked(shop({})))
    assert.deepEqual([allowed, status?.message, warnings], [false, 'not today', ['soon']])
  })

  it('runs default functions in order, each on what the one before made of it', async () => {
    const definition = defineReview(Shop, {
      default: [
        (object) => {
          object.metadata.labels = { a: '1' }
        },
        (object, { warn, annotate }) => {
          object.metadata.labels = { ...object.metadata.labels, b: String(object.metadata.labels?.a) }
          warn('labelled')
          annotate('labels', '2')
        },
      ],
    })
    const answer = await ask(definition, 'mutate', asked(shop({ size: 'small', replicas: 1 })))
    assert.deepEqual(answer.patch, [{ op: 'add', path: '/metadata/labels', value: { a: '1', b: '1' } }])
    assert.deepEqual(answer.warnings, ['labelled'])
    assert.deepEqual(answer.auditAnnotations, { labels: '2' })
  })

  it('leaves deletions and connections alone, and an object that the schema refuses to its refusal', async () => {
    const definition = defineReview(Shop, {
      operations: ['CREATE', 'DELETE', 'CONNECT'],
      default(object) {
        object.spec.title = object.spec.title.toUpperCase()
      },
    })
    for (const request of [
      { operation: 'DELETE', object: null, oldObject: shop({}) },
      { operation: 'CONNECT', object: { kind: 'PodExecOptions' } },
    ])
      assert.equal((await ask(definition, 'mutate', asked(undefined, request))).patch, undefined)
    const answer = await ask(definition, 'mutate', asked(shop({ title: 7, size: 'small' })))
    assert.deepEqual([answer.allowed, answer.patch], [true, undefined])
  })
})

describe('review: validation (R20)', () => {
  const causesFor = async (spec: object) => {
    const { status } = await ask(plain, 'validate', asked(shop(spec)))
    return { code: status?.code, message: status?.message, causes: status?.details?.causes }
  }

  it('names field, value and rule of every problem, in the words of the API server', async () => {
    const cases: [object, string, string, string][] = [
      [{ title: undefined }, 'FieldValueRequired', 'spec.title', 'Required value'],
      [{ title: '' }, 'FieldValueInvalid', 'spec.title', 'Invalid value: "": must have at least 1 character'],
      [
        { title: 'x'.repeat(21) },
        'FieldValueTooLong',
        'spec.title',
        'Too long: may not be more than 20 characters',
      ],
      [
        { replicas: 9 },
        'FieldValueInvalid',
        'spec.replicas',
        'Invalid value: 9: must be less than or equal to 5',
      ],
      [
        { replicas: -1 },
        'FieldValueInvalid',
        'spec.replicas',
        'Invalid value: -1: must be greater than or equal to 0',
      ],
      [
        { replicas: 'two' },
        'FieldValueInvalid',
        'spec.replicas',
        'Invalid value: "two": must be of type number',
      ],
      [
        { replicas: 1.5 },
        'FieldValueInvalid',
        'spec.replicas',
        'Invalid value: 1.5: must be of type integer',
      ],
      [
        { size: 'huge' },
        'FieldValueNotSupported',
        'spec.size',
        'Unsupported value: "huge": supported values: "small", "large"',
      ],
      [{ doors: [{ name: 'a' }, { port: 1 }] }, 'FieldValueRequired', 'spec.doors[1].name', 'Required value'],
      [
        { doors: [{ name: 'a', port: 0 }] },
        'FieldValueInvalid',
        'spec.doors[0].port',
        'Invalid value: 0: must be greater than or equal to 1',
      ],
      [
        { doors: Array.from({ length: 4 }, () => ({ name: 'a' })) },
        'FieldValueTooMany',
        'spec.doors',
        'Too many: must have at most 3 items',
      ],
      [
        { tags: { 'a/b': 1 } },
        'FieldValueInvalid',
        'spec.tags[a/b]',
        'Invalid value: 1: must be of type string',
      ],
      [{ email: 'me' }, 'FieldValueInvalid', 'spec.email', 'Invalid value: "me": must be a valid email'],
      [{ code: 'a' }, 'FieldValueInvalid', 'spec.code', 'Invalid value: "a": must match /^[A-Z]+$/'],
    ]
    for (const [spec, reason, field, message] of cases) {
      const found = await causesFor(spec)
      assert.deepEqual(found.causes, [{ reason, field, message }])
      assert.equal(found.message, `Shop.test.fairlead.dev "corner" is invalid: ${field}: ${message}`)
      assert.equal(found.code, 422)
    }
  })

  it('names all problems at once, but never more than 50, and shows no objects', async () => {
    const { causes, message } = await causesFor({ replicas: 9, size: 'huge', tags: { a: { secret: 'x' } } })
    assert.equal(causes?.length, 3)
    assert.doesNotMatch(message ?? '', /secret/)
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index]))
    assert.equal((await causesFor({ tags: many })).causes?.length, 50)
  })

  it('asks validate functions in order until one denies; warnings of all that were asked are told (G2)', async () => {
    const asked_: string[] = []
    const definition = defineReview(Shop, {
      validate: [
        (_, { warn }) => {
          asked_.push('one')
          warn('first')
        },
        (_, { warn }) => {
          asked_.push('two')
          warn('second')
          throw new Denied('closed on Sundays', { code: 409, reason: 'Conflict' })
        },
        () => void asked_.push('three'),
      ],
    })
    const answer = await ask(definition, 'validate', asked(shop({})))
    assert.deepEqual(asked_, ['one', 'two'])
    assert.deepEqual(answer.warnings, ['first', 'second'])
    const { status } = answer
    assert.deepEqual(
      [answer.allowed, status?.code, status?.reason, status?.message],
      [false, 409, 'Conflict', 'closed on Sundays'],
    )
  })

  it('refuses fields across each other, with their values looked up', async () => {
    const definition = defineReview(Shop, {
      validate(object, { refuse }) {
        if (object.spec.size === 'small' && object.spec.replicas > 2) {
          refuse('spec.replicas', 'must be 2 at most where spec.size is small')
          refuse('spec.doors[0].name', 'must be given', 'required')
        }
      },
    })
    const { status } = await ask(definition, 'validate', asked(shop({ size: 'small', replicas: 3 })))
    assert.deepEqual(status?.details?.causes, [
      {
        reason: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: 'Invalid value: 3: must be 2 at most where spec.size is small',
      },
      { reason: 'FieldValueRequired', field: 'spec.doors[0].name', message: 'Required value: must be given' },
    ])
  })

  it('gives an update the object before, and a deletion the one that goes, unvalidated (G3)', async () => {
    const seen: unknown[] = []
    const definition = defineReview(Shop, {
      operations: ['UPDATE', 'DELETE'],
      validate: (object, { old, operation, isDryRun, user }) =>
        void seen.push([operation, object.spec.title, old?.spec.title, isDryRun, user.username]),
    })
    await ask(
      definition,
      'validate',
      asked(shop({ title: 'B' }), { operation: 'UPDATE', oldObject: shop({ title: 'A' }), dryRun: true }),
    )
    const gone = asked(null, { operation: 'DELETE', oldObject: shop({ title: 'C', replicas: 99 }) })
    assert.equal((await ask(definition, 'validate', gone)).allowed, true)
    assert.deepEqual(seen, [
      ['UPDATE', 'B', 'A', true, 'ann'],
      ['DELETE', 'C', 'C', false, 'ann'],
    ])
  })

  it('asks nobody about finalizers: a rule that is younger than an object neither keeps its controller away nor holds it', async () => {
    const definition = defineReview(Shop, {
      validate() {
        throw new Denied('no')
      },
    })
    const isAllowed = async (metadata: object, old: object, spec: object = {}) => {
      const oldObject = { ...shop({ replicas: 99 }), metadata: { name: 'corner', ...old } }
      const object = { ...shop({ replicas: 99, ...spec }), metadata: { name: 'corner', ...metadata } }
      return (await ask(definition, 'validate', asked(object, { operation: 'UPDATE', oldObject }))).allowed
    }
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    assert.equal(await isAllowed({ finalizers: ['a/b'] }, {}), true)
    assert.equal(await isAllowed({ labels: { a: 'b' } }, {}), false)
    assert.equal(
      await isAllowed({ deletionTimestamp }, { deletionTimestamp, finalizers: ['a/b'], labels: {} }),
      true,
    )
    assert.equal(await isAllowed({ deletionTimestamp }, { deletionTimestamp }, { replicas: 98 }), false)
  })

  it('reviews built-in kinds and subresources (R21)', async () => {
    const pods = defineReview(Pod, {
      validate(pod, { refuse }) {
        if (pod.spec?.containers[0]?.image === 'bad') refuse('spec.containers[0].image', 'must not be bad')
      },
    })
    const resource = { group: '', version: 'v1', resource: 'pods' }
    const kind = { group: '', version: 'v1', kind: 'Pod' }
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'bad' }] } }
    const answer = await ask(pods, 'validate', asked(pod, { resource, kind, name: 'p' }))
    assert.equal(
      answer.status?.message,
      'Pod "p" is invalid: spec.containers[0].image: Invalid value: "bad": must not be bad',
    )
    const scale = defineReview(Deployment, {
      subresource: 'scale',
      validate(object, { refuse }) {
        if ((object.spec?.replicas ?? 0) > 9) refuse('spec.replicas', 'must be 9 at most')
      },
    })
    const request = {
      resource: { group: 'apps', version: 'v1', resource: 'deployments' },
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      subResource: 'scale',
      operation: 'UPDATE',
    }
    assert.equal((await ask(scale, 'validate', asked({ spec: { replicas: 10 } }, request))).allowed, false)
    assert.equal((await ask(scale, 'validate', asked({ spec: { replicas: 9 } }, request))).allowed, true)
  })
})

describe('review: what goes wrong', () => {
  it('tells nothing of a mistake but that there was one, and reports it (case 36)', async () => {
    const definition = defineReview(Shop, {
      validate() {
        throw new Error('password is hunter2')
      },
    })
    const happenings: Happening[] = []
    const report = (happening: Happening) => void happenings.push(happening)
    const answer = await ask(definition, 'validate', asked(shop({})), { report })
    assert.deepEqual(answer.status, {
      status: 'Failure',
      message: 'review "shop" failed',
      reason: 'InternalError',
      code: 500,
    })
    assert.equal(answer.uid, 'u-1')
    assert.deepEqual(happenings, [
      {
        type: 'reviewed',
        review: 'shop',
        verb: 'validate',
        result: 'failed',
        milliseconds: 0,
        error: 'Error: password is hunter2',
      },
    ])
  })

  it('refuses what is no review, or one of another resource, with 400 and the uid, and asks nobody (G4)', async () => {
    const definition = defineReview(Shop, { validate: () => assert.fail('asked') })
    const bodies: [unknown, string, RegExp][] = [
      [undefined, '', /not an AdmissionReview/],
      [[], '', /not an AdmissionReview/],
      [{ ...asked(shop({})), apiVersion: 'admission.k8s.io/v2' }, 'u-1', /apiVersion/],
      [{ ...asked(shop({})), kind: 'Review' }, 'u-1', /kind/],
      [asked(shop({}), { uid: undefined }), '', /request\.uid/],
      [asked(shop({}), { operation: 'LOOK' }), 'u-1', /request\.operation/],
      [asked('text'), 'u-1', /request\.object/],
      [
        asked(shop({}), { resource: { group: '', version: 'v1', resource: 'pods' } }),
        'u-1',
        /review "shop" is of test\.fairlead\.dev\/v1\/shops, got v1\/pods/,
      ],
      [asked(shop({}), { subResource: 'status' }), 'u-1', /got test\.fairlead\.dev\/v1\/shops\/status/],
    ]
    for (const [body, uid, message] of bodies) {
      const answer = await ask(definition, 'validate', body)
      assert.deepEqual([answer.uid, answer.allowed, answer.status?.code], [uid, false, 400])
      assert.match(answer.status?.message ?? '', message)
    }
  })

  it('answers by its policy before the API server gives up (G6)', async () => {
    const clock = fakeClock()
    const reasons: unknown[] = []
    for (const failurePolicy of ['Ignore', 'Fail'] as const) {
      const definition = defineReview(Shop, {
        failurePolicy,
        timeoutSeconds: 3,
        validate: (_, { signal }) =>
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve(void reasons.push(failurePolicy))),
          ),
      })
      const answering = review(asked(shop({})), 'validate', definition, {
        clock,
        report: () => {},
        timeoutSeconds: 2,
      })
      await clock.advance(1_499)
      assert.equal(reasons.includes(failurePolicy), false)
      await clock.advance(1)
      const { response } = await answering
      assert.equal(response.allowed, failurePolicy === 'Ignore')
      const text = 'review "shop" did not answer within 1.5 s'
      if (failurePolicy === 'Ignore') assert.deepEqual(response.warnings, [text])
      else
        assert.deepEqual(response.status, { status: 'Failure', message: text, reason: 'Timeout', code: 504 })
    }
    assert.deepEqual(reasons, ['Ignore', 'Fail'])
    assert.equal(clock.pending(), 0)
  })

  it('counts the time that the question took to arrive (G6)', async () => {
    const clock = fakeClock()
    const slow = defineReview(Shop, { failurePolicy: 'Ignore', validate: () => new Promise<void>(() => {}) })
    let arrive = (_body: unknown) => {}
    const asking = new Promise<unknown>((resolve) => {
      arrive = resolve
    })
    const answering = review(asking, 'validate', slow, { clock, report: () => {}, timeoutSeconds: 5 })
    await clock.advance(2_000)
    arrive(asked(shop({})))
    await clock.advance(2_499)
    assert.equal(clock.pending(), 1)
    await clock.advance(1)
    assert.equal((await answering).response.allowed, true)
  })

  it('does not change the object that it was given', async () => {
    const definition = defineReview(Shop, {
      default(object) {
        object.spec.title = 'changed'
      },
    })
    const body = asked(shop({}))
    const before = structuredClone(body)
    await ask(definition, 'mutate', body)
    assert.deepEqual(body, before)
  })
})

describe('defineReview', () => {
  it('is Fail for kinds of one’s own, Ignore for all others, and 5 s', () => {
    const pods = defineReview(Pod, { validate() {} })
    assert.deepEqual([plain.failurePolicy, pods.failurePolicy, plain.timeoutSeconds], ['Fail', 'Ignore', 5])
    assert.deepEqual([plain.name, plain.operations], ['shop', ['CREATE', 'UPDATE']])
    const scale = defineReview(Deployment, { subresource: 'scale', validate() {} })
    assert.deepEqual([scale.name, scale.operations], ['deployment-scale', ['UPDATE']])
    const exec = defineReview(Pod, { subresource: 'exec', validate: (options) => void options.command })
    assert.deepEqual([exec.name, exec.operations], ['pod-exec', ['CONNECT']])
    assert.deepEqual(defineReview(Pod, { subresource: 'eviction', validate() {} }).operations, ['CREATE'])
  })

  it('refuses a wrong definition, a line per problem', () => {
    const wrong = { name: 'Bad', timeoutSeconds: 31, operations: [], labels: '!!', wat: 1 }
    assert.throws(
      () => defineReview(Pod, wrong as never),
      (error: Error) => {
        const lines = error.message.split('\n')
        assert.equal(lines.length, 6)
        assert.match(error.message, /Review "Bad": name must be an RFC 1035 label, lower case, got "Bad"/)
        assert.match(error.message, /timeoutSeconds must be an integer from 1 to 30, got 31/)
        assert.match(error.message, /operations must be of CREATE, UPDATE, DELETE, CONNECT, got \[\]/)
        assert.match(error.message, /must have a default or a validate function/)
        assert.match(error.message, /labels must be a label selector/)
        assert.match(error.message, /wat is no field of a review/)
        return true
      },
    )
    assert.throws(() => new Denied('x', { code: 200 }), /code must be an integer from 400 to 599, got 200/)
  })
})
