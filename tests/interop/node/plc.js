// The official client of PLC directories against ours.
import { deepStrictEqual as same, ok, rejects } from 'node:assert'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import * as plc from '@did-plc/lib'

const [url] = process.argv.slice(2)
const client = new plc.Client(url)
const names = (log) => log.map(({ operation }) => operation.alsoKnownAs?.[0] ?? null)
const refused = (promise, status, message) => rejects(promise, (error) => {
  same(error.status, status, error.data?.message)
  same(Object.keys(error.data), ['message'])
  ok(error.data.message.includes(message), error.data.message)
  return true
})

for (const Keypair of [Secp256k1Keypair, P256Keypair]) {
  const [signing, strong, weak, stranger] = await Promise.all([1, 2, 3, 4].map(() => Keypair.create()))
  const account = { signingKey: signing.did(), handle: 'alice.example.com', pds: 'https://pds.example.com' }
  const did = await client.createDid({ ...account, rotationKeys: [strong.did(), weak.did()], signer: weak })
  const [genesis] = await client.getOperationLog(did)
  same(did, await plc.didForCreateOp(genesis))

  await client.updateHandle(did, strong, 'bob.example.com')
  await client.updatePds(did, weak, 'https://other.example.com')
  await client.updateAtprotoKey(did, weak, stranger.did())
  const data = await client.getDocumentData(did)
  same(data, {
    did,
    rotationKeys: [strong.did(), weak.did()],
    verificationMethods: { atproto: stranger.did() },
    alsoKnownAs: ['at://bob.example.com'],
    services: { atproto_pds: { type: 'AtprotoPersonalDataServer', endpoint: 'https://other.example.com' } },
  })
  const log = await client.getOperationLog(did)
  same(log.length, 4)
  same(await plc.validateOperationLog(did, log), data)
  same(await client.getLastOp(did), log.at(-1))

  const document = await client.getDocument(did)
  same(document.id, did)
  same(document.alsoKnownAs, data.alsoKnownAs)
  same(document.verificationMethod, [
    { id: `${did}#atproto`, type: 'Multikey', controller: did, publicKeyMultibase: stranger.did().slice(8) },
  ])
  same(document.service, [
    { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: 'https://other.example.com' },
  ])

  // A weaker key gives the DID up, and a stronger one brings it back.
  await client.tombstone(did, weak)
  await refused(client.getDocument(did), 404, `DID not available: ${did}`)
  await refused(client.getDocumentData(did), 404, 'DID not available')
  same((await client.getOperationLog(did)).length, 5)
  const rescue = (key) => plc.createUpdateOp(log[1], key, (last) => ({ ...last, alsoKnownAs: ['at://carol.example.com'] }))
  await refused(client.sendOperation(did, await rescue(weak)), 400, 'as strong as this one')
  await client.sendOperation(did, await rescue(strong))
  same((await client.getDocumentData(did)).alsoKnownAs, ['at://carol.example.com'])

  const audit = await client.getAuditableLog(did)
  same(names(audit), ['at://alice.example.com', ...Array(3).fill('at://bob.example.com'), null, 'at://carol.example.com'])
  same(audit.map(({ nullified }) => nullified), [false, false, true, true, true, false])
  same(audit[5].operation.prev, audit[1].cid)
  ok(audit.every((entry) => entry.did === did && new Date(entry.createdAt).toISOString() === entry.createdAt))
  ok(audit.every((entry, index) => index === 0 || entry.createdAt > audit[index - 1].createdAt))
  const held = audit.filter(({ nullified }) => !nullified).map(({ operation }) => operation)
  same(await client.getOperationLog(did), held)
  same((await plc.validateOperationLog(did, held)).alsoKnownAs, ['at://carol.example.com'])
  for (const [index, { operation }] of audit.slice(0, 5).entries()) {
    same(operation.prev, index === 0 ? null : audit[index - 1].cid)
  }

  // What may not be.
  await refused(client.updateHandle(did, stranger, 'mallory.example.com'), 400, 'no key that may sign')
  await refused(client.sendOperation(did, genesis), 400, 'already')
  const unordered = await plc.tombstoneOp(audit[3].cid, strong)
  await refused(client.sendOperation(did, unordered), 400, 'Operations not correctly ordered')
  await refused(client.sendOperation(did, { ...unordered, more: 1 }), 400, 'Not a valid operation')
  const elsewhere = did.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
  await refused(client.sendOperation(elsewhere, genesis), 400, 'another DID')
  await refused(client.getDocument(elsewhere), 404, `DID not registered: ${elsewhere}`)
  await refused(client.getAuditableLog(elsewhere), 404, 'DID not registered')
  await refused(client.getLastOp(elsewhere), 404, 'DID not registered')
  const legacy = await plc.deprecatedSignCreate(
    { type: 'create', signingKey: signing.did(), recoveryKey: strong.did(), handle: 'old.example.com', service: 'pds.example.com', prev: null },
    signing,
  )
  await refused(client.sendOperation(await plc.didForCreateOp(legacy), legacy), 400, 'old form')
  console.log(`${Keypair.name}: ${audit.length} operations`)
}

// Up to the rate limit.
const key = await Secp256k1Keypair.create()
const account = { signingKey: key.did(), handle: 'busy.example.com', pds: 'https://pds.example.com' }
const busy = await client.createDid({ ...account, rotationKeys: [key.did()], signer: key })
for (let count = 1; count < 10; count++) await client.updateHandle(busy, key, `busy${count}.example.com`)
await refused(client.updateHandle(busy, key, 'busy10.example.com'), 400, 'Too many operations')

same(Object.keys(await client.health()), ['version'])
same((await fetch(`${url}/_health`, { method: 'HEAD' })).status, 200)
const post = (body) => fetch(`${url}/${busy}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
same((await post(JSON.stringify({ type: 'x'.repeat(200_000) }))).status, 413)
same((await post('{')).status, 400)

// All of it: by time, by number, and as it is told.
const exported = await client.export()
same(exported.length, 22)
same(await client.export(exported[9].createdAt, 5), exported.slice(10, 15))
const answer = await fetch(`${url}/export?after=0`)
same(answer.headers.get('content-type'), 'application/jsonlines')
const sequenced = (await answer.text()).split('\n').map((line) => JSON.parse(line))
same(sequenced.map(({ seq }) => seq), sequenced.map((_, index) => index + 1))
same(sequenced.map(({ cid }) => cid), exported.map(({ cid }) => cid))
same(await follow('?cursor=0', sequenced.length), sequenced)
same(await follow('?cursor=1000', 1), [1000, 'FutureCursor'])

/** The first so many messages of the stream, or how it was closed. */
function follow(query, count) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/export/stream${query}`)
  const messages = []
  return new Promise((resolve, reject) => {
    socket.onerror = reject
    socket.onclose = ({ code, reason }) => resolve([code, reason])
    socket.onmessage = ({ data }) => {
      if (messages.push(JSON.parse(data)) < count) return
      resolve(messages)
      socket.close()
    }
  })
}
