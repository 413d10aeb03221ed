// Makes repositories with the official engine: for each curve a folder with the whole repository after every tenth
// commit, and for every commit what an event says of it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import { MemoryBlockstore, Repo, WriteOpAction, blocksToCarFile, getFullRepo } from '@atproto/repo'

const [folder] = process.argv.slice(2)
const COLLECTIONS = ['com.example.note', 'com.example.like', 'app.example.feed.item']
let seed = 7
const random = (below) => (seed = (seed * 48271) % 0x7fffffff) % below

const collect = async (chunks) => {
  const parts = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

const write = (content, step) => {
  const paths = Object.keys(content)
  const kind = paths.length > 3 ? random(4) : 0
  const record = () => ({ $type: 'com.example.note', text: `step ${step} ${random(1e9)}`, tags: ['a', 'ö'], size: random(1e9) })
  if (kind < 2) {
    const collection = COLLECTIONS[random(COLLECTIONS.length)]
    const path = { collection, rkey: `k${random(100000)}` }
    if (!content[`${path.collection}/${path.rkey}`]) return { action: WriteOpAction.Create, ...path, record: { ...record(), $type: collection } }
  }
  if (!paths.length) return null
  const [collection, rkey] = paths[random(paths.length)].split('/')
  return kind < 3
    ? { action: WriteOpAction.Update, collection, rkey, record: { ...record(), $type: collection } }
    : { action: WriteOpAction.Delete, collection, rkey }
}

const batch = (content, step) => {
  const writes = new Map()
  for (let n = 1 + random(6); n > 0; n--) {
    const one = write(content, step)
    if (one) writes.set(`${one.collection}/${one.rkey}`, one)
  }
  return [...writes.values()]
}

const history = async (name, keypair) => {
  const out = join(folder, name)
  await mkdir(out, { recursive: true })
  const did = 'did:plc:abcdefghijklmnopqrstuvwx'
  const storage = new MemoryBlockstore()
  let repo = await Repo.create(storage, did, keypair)
  let content = {}
  const commits = []
  for (let step = 0; step < 60; step++) {
    const writes = batch(content, step)
    if (!writes.length) continue
    const before = repo
    const data = await repo.formatCommit(writes, keypair)
    repo = await repo.applyCommit(data)
    const after = {}
    for (const record of await repo.data.list()) after[record.key] = record.value.toString()
    const ops = writes.map(({ action, collection, rkey }) => {
      const path = `${collection}/${rkey}`
      return { action, path, cid: after[path] ?? null, prev: content[path] ?? null }
    })
    await writeFile(join(out, `${step}.event.car`), await blocksToCarFile(data.cid, data.relevantBlocks))
    if (step % 10 === 9) await writeFile(join(out, `${step}.car`), await collect(getFullRepo(storage, repo.cid)))
    const prevData = (await before.data.getPointer()).toString()
    commits.push({ step, cid: data.cid.toString(), rev: data.rev, since: data.since, prevData, data: (await repo.data.getPointer()).toString(), ops })
    content = after
    if (step % 10 === 9) await writeFile(join(out, `${step}.json`), JSON.stringify(content))
  }
  await writeFile(join(out, 'history.json'), JSON.stringify({ did, key: keypair.did(), commits }))
}

await history('k256', await Secp256k1Keypair.create())
await history('p256', await P256Keypair.create())
