// The official client, `@atproto/api`, against a PDS: accounts, sessions, records, blobs. The argument is its address.
import assert from 'node:assert/strict'
import { AtpAgent } from '@atproto/api'

const service = process.argv[2]
const random = Math.random().toString(36).slice(2, 10)
const handle = `api-${random}.test`
const password = 'correct horse battery staple'

/** What an error of a call says: its status and its name. */
async function failure(call) {
  try {
    await call
  } catch (error) {
    return `${error.status} ${error.error}`
  }
  assert.fail('the call should have failed')
}

const agent = new AtpAgent({ service })
const repo = agent.com.atproto.repo
const server = agent.com.atproto.server

const description = (await server.describeServer()).data
assert.match(description.did, /^did:web:/)
assert.ok(description.availableUserDomains.includes('.test'))

await agent.createAccount({ handle, password, email: `${handle}@example.com` })
const did = agent.session.did
assert.equal(agent.session.handle, handle)
assert.equal((await agent.com.atproto.identity.resolveHandle({ handle })).data.did, did)
assert.match(await failure(new AtpAgent({ service }).com.atproto.server.createAccount({ handle, password, email: 'x@example.com' })), /^400 (HandleNotAvailable|InvalidRequest)$/)

// Sessions.
assert.equal((await server.getSession()).data.did, did)
assert.match(await failure(new AtpAgent({ service }).login({ identifier: handle, password: 'wrong' })), /^401 /)
const second = new AtpAgent({ service })
await second.login({ identifier: `${handle}@example.com`, password })
const before = second.session.refreshJwt
await second.sessionManager.refreshSession()
assert.notEqual(second.session.refreshJwt, before)
await second.logout()
assert.equal(await failure(new AtpAgent({ service }).com.atproto.server.getSession()), '401 AuthMissing')

// Records.
const post = (text) => ({ $type: 'app.bsky.feed.post', text, createdAt: new Date().toISOString() })
const collection = 'app.bsky.feed.post'
const texts = ['one', 'two', 'three', 'four', 'five']
const uris = []
for (const text of texts) uris.push((await agent.post(post(text))).uri)
const pages = []
let cursor
do {
  const page = (await repo.listRecords({ repo: did, collection, limit: 2, cursor })).data
  pages.push(...page.records.map((record) => record.value.text))
  cursor = page.records.length ? page.cursor : undefined
} while (cursor)
assert.deepEqual(pages, [...texts].reverse())
const reversed = (await repo.listRecords({ repo: handle, collection, reverse: true })).data.records
assert.deepEqual(reversed.map((record) => record.value.text), texts)

const key = (uri) => uri.split('/').pop()
const read = (await repo.getRecord({ repo: did, collection, rkey: key(uris[0]) })).data
assert.equal(read.value.text, 'one')
assert.equal((await repo.getRecord({ repo: did, collection, rkey: key(uris[0]), cid: read.cid })).data.cid, read.cid)
assert.equal(await failure(repo.getRecord({ repo: did, collection, rkey: 'none' })), '400 RecordNotFound')

const made = (await repo.createRecord({ repo: did, collection, record: post('six') })).data
assert.equal(made.validationStatus, 'valid')
assert.ok(made.commit.cid && made.commit.rev)
const again = { repo: did, collection, rkey: key(made.uri), record: post('seven') }
assert.match(await failure(repo.createRecord(again)), /^(400|500) /)
assert.equal(await failure(repo.createRecord({ repo: did, collection, record: { text: 5 } })), '400 InvalidRequest')
const unknown = { repo: did, collection: 'com.example.unheard.of', record: { a: 1 } }
assert.equal((await repo.createRecord(unknown)).data.validationStatus, 'unknown')
assert.equal(await failure(repo.createRecord({ ...unknown, validate: true })), '400 InvalidRequest')
const unchecked = { repo: did, collection, record: { ...post('x'), createdAt: 'never' }, validate: false }
assert.equal((await repo.createRecord(unchecked)).data.validationStatus, undefined)

const profile = { repo: did, collection: 'app.bsky.actor.profile', rkey: 'self' }
const put = (await repo.putRecord({ ...profile, record: { displayName: 'Alice' }, swapRecord: null })).data
assert.equal(put.validationStatus, 'valid')
assert.equal(await failure(repo.putRecord({ ...profile, record: { displayName: 'B' }, swapRecord: null })), '400 InvalidSwap')
const same = (await repo.putRecord({ ...profile, record: { displayName: 'Alice' } })).data
assert.equal(same.cid, put.cid)
assert.equal(await failure(repo.putRecord({ ...profile, rkey: 'other', record: { displayName: 'C' } })), '400 InvalidRequest')
const swapped = { ...profile, record: { displayName: 'D' }, swapRecord: put.cid, swapCommit: put.commit.cid }
const moved = (await repo.putRecord(swapped)).data
assert.equal(await failure(repo.putRecord({ ...profile, record: {}, swapCommit: put.commit.cid })), '400 InvalidSwap')
assert.notEqual(moved.commit.rev, put.commit.rev)

await repo.deleteRecord({ repo: did, collection, rkey: key(uris[0]) })
await repo.deleteRecord({ repo: did, collection, rkey: key(uris[0]) })
assert.equal(await failure(repo.getRecord({ repo: did, collection, rkey: key(uris[0]) })), '400 RecordNotFound')

const type = (name) => `com.atproto.repo.applyWrites#${name}`
const batch = (await repo.applyWrites({
  repo: did,
  validate: true,
  writes: [
    { $type: type('create'), collection, value: post('batch') },
    { $type: type('update'), collection, rkey: key(uris[1]), value: post('two again') },
    { $type: type('delete'), collection, rkey: key(uris[2]) },
  ],
})).data
assert.deepEqual(batch.results.map((result) => result.$type), ['createResult', 'updateResult', 'deleteResult'].map(type))
const many = Array.from({ length: 201 }, () => ({ $type: type('create'), collection, value: post('x') }))
assert.equal(await failure(repo.applyWrites({ repo: did, writes: many })), '400 InvalidRequest')

// Others may not write, nobody may without a session.
const other = new AtpAgent({ service })
await other.createAccount({ handle: `other-${random}.test`, password, email: `other-${random}@example.com` })
assert.match(await failure(other.com.atproto.repo.createRecord({ repo: did, collection, record: post('x') })), /^40[013] /)
const nobody = new AtpAgent({ service })
assert.equal(await failure(nobody.com.atproto.repo.createRecord({ repo: did, collection, record: post('x') })), '401 AuthMissing')

// Blobs.
const png = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='), (c) => c.charCodeAt(0))
const { blob } = (await agent.uploadBlob(png, { encoding: 'application/octet-stream' })).data
assert.equal(blob.mimeType, 'image/png')
assert.equal(blob.size, png.length)
const sync = agent.com.atproto.sync
const cid = blob.ref.toString()
assert.match(await failure(sync.getBlob({ did, cid })), /^400 /)
await repo.putRecord({ ...profile, record: { displayName: 'E', avatar: blob } })
const served = await fetch(`${service}/xrpc/com.atproto.sync.getBlob?did=${did}&cid=${cid}`)
assert.deepEqual(new Uint8Array(await served.arrayBuffer()), png)
assert.equal(served.headers.get('x-content-type-options'), 'nosniff')
assert.match(served.headers.get('content-security-policy'), /sandbox/)
assert.match(served.headers.get('content-disposition'), /attachment/)
assert.deepEqual((await sync.listBlobs({ did })).data.cids, [cid])
const absent = blob.ref.toString().replace(/....$/, 'aaaa')
assert.match(await failure(sync.getBlob({ did, cid: absent })), /^400 /)
await repo.putRecord({ ...profile, record: { displayName: 'F' } })
assert.deepEqual((await sync.listBlobs({ did })).data.cids, [])

const described = (await repo.describeRepo({ repo: handle })).data
assert.equal(described.did, did)
assert.deepEqual(described.collections.sort(), ['app.bsky.actor.profile', collection, 'com.example.unheard.of'].sort())
assert.equal(described.didDoc.id, did)
assert.equal((await sync.getRepoStatus({ did })).data.active, true)
assert.ok((await sync.listRepos()).data.repos.some((entry) => entry.did === did && entry.active))

// Deactivated and back.
await server.deactivateAccount({})
assert.match(await failure(nobody.com.atproto.sync.getRepo({ did })), /^400 RepoDeactivated/)
assert.equal((await sync.getRepoStatus({ did })).data.status, 'deactivated')
if (process.argv[3] !== 'official') {
  const refused = await failure(repo.createRecord({ repo: did, collection, record: post('x') }))
  assert.equal(refused, '400 RepoDeactivated')
}
await server.activateAccount()
await agent.post(post('back'))
assert.equal((await server.checkAccountStatus()).data.validDid, true)
console.log('the official client and the server agree')
