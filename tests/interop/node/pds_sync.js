// The official consumer, `@atproto/sync`, and the official verification, `@atproto/repo`, on what a PDS serves. The
// arguments are its address and that of its PLC directory.
import assert from 'node:assert/strict'
import { AtpAgent } from '@atproto/api'
import { IdResolver } from '@atproto/identity'
import { MemoryBlockstore, Repo, readCarWithRoot, verifyDiffCar, verifyProofs, verifyRepoCar } from '@atproto/repo'
import { Firehose, MemoryRunner } from '@atproto/sync'

const [service, plcUrl, peer] = process.argv.slice(2)
const random = Math.random().toString(36).slice(2, 10)
const collection = 'app.bsky.feed.post'
const idResolver = new IdResolver({ plcUrl, fetch: globalThis.fetch })
const post = (text) => ({ $type: collection, text, createdAt: new Date().toISOString() })
const car = async (name, params) => {
  const answer = await fetch(`${service}/xrpc/com.atproto.sync.${name}?${new URLSearchParams(params)}`)
  assert.equal(answer.status, 200, await answer.clone().text().catch(() => name))
  assert.equal(answer.headers.get('content-type'), 'application/vnd.ipld.car')
  return new Uint8Array(await answer.arrayBuffer())
}

// Every commit that the consumer hands out was verified with the key in the DID document: signature and proofs.
const seen = []
const errors = []
const failed = (error) => errors.push(error)
const runner = new MemoryRunner({ startCursor: 0 })
const consumer = new Firehose({
  service: service.replace('http', 'ws'),
  idResolver,
  runner,
  unauthenticatedHandles: true,
  handleEvent: (event) => void seen.push(event),
  onError: failed,
})
consumer.start()
const until = async (found) => {
  for (let wait = 0; wait < 400; wait += 1) {
    if (errors.length) throw errors[0]
    if (found()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(`not in time; there are ${seen.map((event) => event.event)}`)
}

const agent = new AtpAgent({ service })
await agent.createAccount({ handle: `sync-${random}.test`, password: 'correct horse', email: `sync-${random}@example.com` })
const did = agent.session.did
const ours = () => seen.filter((event) => event.did === did)
const written = []
for (let number = 0; number < 40; number += 1) written.push((await agent.post(post(`number ${number}`))).uri)
const key = (uri) => uri.split('/').pop()
const older = await car('getRepo', { did })
const { rev } = (await agent.com.atproto.sync.getLatestCommit({ did })).data
await agent.com.atproto.repo.putRecord({ repo: did, collection, rkey: key(written[3]), record: post('again') })
await agent.com.atproto.repo.deleteRecord({ repo: did, collection, rkey: key(written[4]) })
const type = (name) => `com.atproto.repo.applyWrites#${name}`
await agent.com.atproto.repo.applyWrites({
  repo: did,
  writes: [
    { $type: type('create'), collection, rkey: 'fresh', value: post('fresh') },
    { $type: type('delete'), collection, rkey: key(written[5]) },
  ],
  validate: false,
})
await until(() => ours().filter((event) => event.event === 'delete').length === 2)
const kinds = ours().map((event) => event.event)
assert.deepEqual(kinds.filter((kind) => kind === 'create').length, 41)
assert.deepEqual(kinds.filter((kind) => kind === 'update').length, 1)
assert.ok(kinds.includes('identity') && kinds.includes('account'))
assert.ok(kinds.indexOf('identity') < kinds.indexOf('create') && kinds.indexOf('account') < kinds.indexOf('create'))
const numbers = ours().map((event) => event.seq)
assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b))

// Whole repositories, exports since a revision, proofs.
const signingKey = await idResolver.did.resolveAtprotoKey(did, true)
const whole = await verifyRepoCar(await car('getRepo', { did }), did, signingKey)
assert.equal(whole.creates.length, 39)
const old = await readCarWithRoot(older)
const repo = await Repo.load(new MemoryBlockstore(old.blocks), old.root)
const diff = await verifyDiffCar(repo, await car('getRepo', { did, since: rev }), did, signingKey, { ensureLeaves: false })
const changes = diff.writes.map((write) => `${write.action} ${write.rkey}`).sort()
const expected = [`create fresh`, `delete ${key(written[4])}`, `delete ${key(written[5])}`, `update ${key(written[3])}`]
assert.deepEqual(changes, expected.sort())
for (const rkey of ['fresh', key(written[9]), key(written[4])]) {
  const there = whole.creates.find((record) => record.rkey === rkey)
  const claims = [{ collection, rkey, cid: there ? there.cid : null }]
  const { verified } = await verifyProofs(await car('getRecord', { did, collection, rkey }), claims, did, signingKey)
  assert.equal(verified.length, 1, rkey)
}
const head = (await agent.com.atproto.sync.getLatestCommit({ did })).data
const listed = (await agent.com.atproto.sync.listRepos({ limit: 1000 })).data.repos.find((entry) => entry.did === did)
assert.deepEqual({ head: listed.head, rev: listed.rev }, { head: head.cid, rev: head.rev })
const some = await fetch(`${service}/xrpc/com.atproto.sync.getBlocks?did=${did}&cids=${head.cid}&cids=${whole.creates[0].cid}`)
assert.equal(some.status, 200)
if (peer !== 'official') {
  assert.equal((await agent.com.atproto.sync.getHead({ did })).data.root, head.cid)
  const holders = (await agent.com.atproto.sync.listReposByCollection({ collection })).data.repos
  assert.ok(holders.some((entry) => entry.did === did))
}

// Export, import elsewhere: the same records under a commit of the server's own, which the consumer hears of.
if (peer !== 'official') {
  const exported = await car('getRepo', { did })
  await agent.post(post('gone with the import'))
  await agent.com.atproto.repo.importRepo(exported, { encoding: 'application/vnd.ipld.car' })
  const now = await verifyRepoCar(await car('getRepo', { did }), did, signingKey)
  assert.deepEqual(now.creates.map((record) => record.rkey).sort(), whole.creates.map((record) => record.rkey).sort())
  assert.ok(now.commit.rev > head.rev)
  await until(() => ours().at(-1).event === 'sync')
  await agent.post(post('after the import'))
  await until(() => ours().at(-1).event === 'create')
}

// Switched off and on again.
await agent.com.atproto.server.deactivateAccount({})
await until(() => ours().some((event) => event.event === 'account' && event.status === 'deactivated'))
await agent.com.atproto.server.activateAccount()
await until(() => ours().at(-1).event === 'sync')
await agent.post(post('back'))
await until(() => ours().at(-1).event === 'create')
await consumer.destroy()
if (errors.length) throw errors[0]
console.log(`the official consumer verified ${ours().length} events`)
process.exit(0)
