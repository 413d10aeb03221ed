// The official client calls the server at the address that is the first argument. Prints a line for
// everything that holds, and ends with code 1 at the first thing that does not.
import assert from 'node:assert/strict'
import { XRPCError, XrpcClient } from '@atproto/xrpc'
import { BlobRef, Lexicons } from '@atproto/lexicon'
import { Subscription } from '@atproto/xrpc-server'
import { parseCid } from '@atproto/lex-data'
import { lexicons, nsid } from './lexicons.js'

const service = process.argv[2]
const client = new XrpcClient(service, lexicons)
const call = (name, params, data, opts) => client.call(nsid(name), params, data, opts)
const CID = parseCid('bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a')
const RAW = parseCid('bafkreibjfgx2gprinfvicegelk5kosd6y2frmqpqzwqkg7usac74l3t2v4')

async function check(what, run) {
  await run()
  console.log(`ok: ${what}`)
}

async function refused(promise, status, name) {
  const error = await promise.then(() => undefined, (error) => error)
  assert(error instanceof XRPCError, `expected an error, got ${error}`)
  assert.equal(error.status, status)
  assert.equal(error.error, name)
  return error
}

await check('every type of data comes back as it went', async () => {
  const everything = {
    text: 'olá 👩‍👩‍👧',
    number: 9007199254740991,
    flag: false,
    nothing: null,
    bytes: new Uint8Array([0, 1, 254, 255]),
    link: CID,
    blob: new BlobRef(RAW, 'image/png', 7),
    when: '2026-11-22T12:00:00.123Z',
    numbers: [1, -2, 0],
    fruit: { $type: nsid('defs') + '#apple', colour: 'red' },
    anything: { nested: { bytes: new Uint8Array([9]), list: [null, true, 'x'] } },
    surplus: 'kept',
  }
  const { data } = await call('echo', {}, everything, { encoding: 'application/json' })
  assert.equal(data.text, everything.text)
  assert.equal(data.number, everything.number)
  assert.equal(data.nothing, null)
  assert.deepEqual([...data.bytes], [0, 1, 254, 255])
  assert.equal(data.link.toString(), CID.toString())
  assert(data.blob instanceof BlobRef)
  assert.equal(data.blob.ref.toString(), RAW.toString())
  assert.equal(data.when, everything.when)
  assert.deepEqual(data.numbers, everything.numbers)
  assert.deepEqual(data.fruit, everything.fruit)
  assert.deepEqual([...data.anything.nested.bytes], [9])
  assert.equal(data.surplus, 'kept')
})

await check('invalid input is refused with its place', async () => {
  const { message } = await refused(call('echo', {}, { text: 'x', number: 1.5, flag: true, nothing: null }), 400, 'InvalidRequest')
  assert.match(message, /number/)
})

await check('a declared error has its name', async () => {
  const error = await refused(call('greet', {}, { name: 'nobody' }), 400, 'Stranger')
  assert.equal(error.message, 'nobody knows nobody')
})

await check('an object goes in and out', async () => {
  const { data } = await call('greet', {}, { name: 'Ana' })
  assert.equal(data.greeting, 'Hello, Ana!')
})

await check('parameters of all types arrive, and defaults are filled in', async () => {
  const { data } = await call('listNumbers', { below: 200, even: true, not: [2, 4], tags: ['a b', 'c&d', 'é+'] })
  assert.equal(data.numbers.length, 50)
  assert.deepEqual(data.numbers.slice(0, 3), [0, 6, 8])
  assert.deepEqual(data.tags, ['a b', 'c&d', 'é+'])
})

await check('pages follow each other by cursor', async () => {
  const all = []
  for (let cursor; ; ) {
    const { data } = await call('listNumbers', { below: 25, limit: 10, cursor })
    all.push(...data.numbers)
    cursor = data.cursor
    if (!cursor) break
  }
  assert.deepEqual(all, Array.from({ length: 25 }, (_, n) => n))
})

await check('parameters outside their bounds are refused', async () => {
  await refused(call('listNumbers', { below: 5, limit: 101 }), 400, 'InvalidRequest')
  await refused(call('listNumbers', {}), 400, 'InvalidRequest')
})

await check('a method without bodies is called', async () => {
  const { data } = await call('touch')
  assert(data === undefined || data === null || data.byteLength === 0 || data === '')
})

await check('bytes are uploaded with their type, and downloaded with theirs', async () => {
  const bytes = new Uint8Array(300_000).map((_, n) => n % 251)
  const { data } = await call('upload', {}, bytes, { encoding: 'image/png' })
  assert.deepEqual(data, { size: 300_000, mimeType: 'image/png' })
  const { data: car, headers } = await call('download', { size: 70_000 })
  assert.equal(headers['content-type'], 'application/vnd.ipld.car')
  assert.equal(car.byteLength, 70_000)
})

await check('an unknown method is not implemented', async () => {
  const unknown = new XrpcClient(service, [{ lexicon: 1, id: nsid('nothing'), defs: { main: { type: 'query' } } }])
  await refused(unknown.call(nsid('nothing')), 501, 'MethodNotImplemented')
})

await check('messages of a subscription come in order and are valid', async () => {
  const lex = new Lexicons(lexicons)
  const messages = []
  const subscription = new Subscription({
    service: service.replace('http', 'ws'),
    method: nsid('count'),
    getParams: () => ({ cursor: 3, to: 6 }),
    validate: (message) => lex.assertValidXrpcMessage(nsid('count'), message),
  })
  for await (const message of subscription) messages.push(message)
  assert.deepEqual(messages.map(({ seq }) => seq), [4, 5, 6, 7])
  assert.equal(messages[0].$type, nsid('count') + '#number')
  assert.deepEqual([...messages[0].bytes], [4])
  assert.equal(messages[3].$type, nsid('count') + '#done')
})

await check('an error frame ends a subscription', async () => {
  const subscription = new Subscription({
    service: service.replace('http', 'ws'),
    method: nsid('count'),
    getParams: () => ({ cursor: 5000 }),
    validate: (message) => message,
  })
  await assert.rejects(async () => {
    for await (const message of subscription) assert.fail(`got ${JSON.stringify(message)}`)
  }, (error) => error.error === 'FutureCursor' || /FutureCursor/.test(String(error)))
})
