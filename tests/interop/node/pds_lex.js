// The official lexicon client, `@atproto/lex`, against a PDS. The argument is its address.
import assert from 'node:assert/strict'
import { Client, l } from '@atproto/lex'
import { PasswordSession } from '@atproto/lex-password-session'

const service = process.argv[2]
const random = Math.random().toString(36).slice(2, 10)
const note = l.record('tid', 'com.example.note', l.object({ text: l.string({ maxGraphemes: 100 }), stars: l.optional(l.integer()) }))
const about = l.record('literal:self', 'com.example.about', l.object({ name: l.string(), picture: l.optional(l.blob()) }))

const account = { handle: `lex-${random}.test`, email: `lex-${random}@example.com`, password: 'correct horse' }
const session = await PasswordSession.createAccount(account, { service })
const client = new Client(session)
const did = client.assertDid

const { uri, cid } = await client.create(note, { text: 'bonjour', stars: 5 })
const rkey = uri.split('/').pop()
assert.deepEqual((await client.get(note, { rkey })).value, { $type: 'com.example.note', text: 'bonjour', stars: 5 })
assert.equal((await client.get(note, { rkey })).cid.toString(), cid.toString())
await client.put(note, { text: 'salut' }, { rkey })
for (let number = 0; number < 5; number += 1) await client.create(note, { text: `${number}` })
const page = await client.list(note, { limit: 4 })
assert.deepEqual(page.records.map((record) => record.value.text), ['4', '3', '2', '1'])
const rest = await client.list(note, { limit: 4, cursor: page.cursor })
assert.deepEqual(rest.records.map((record) => record.value.text), ['0', 'salut'])
await client.applyWrites((op) => [op.create(note, { text: 'in a batch' }), op.delete(note, { rkey })])
await assert.rejects(client.get(note, { rkey }))

const bytes = new Uint8Array(100_000).fill(7)
const uploaded = await client.uploadBlob(bytes, { encoding: 'application/x-sevens' })
const blob = uploaded.body.blob
assert.equal(blob.size, bytes.length)
await client.put(about, { name: 'Lex', picture: blob })
const got = await client.getBlob(did, blob.ref.toString())
assert.deepEqual(new Uint8Array(got.body), bytes)
await client.delete(about)
await session.refresh()
assert.equal((await new Client(session).list(note)).records.length, 6)
await session.logout()
console.log('the official lexicon client and the server agree')
