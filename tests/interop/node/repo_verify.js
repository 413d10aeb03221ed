// Verifies with the official engine what ours wrote: whole repositories, an export since a revision, and proofs.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { deepStrictEqual as same, ok } from 'node:assert'
import { MemoryBlockstore, Repo, readCarWithRoot, verifyDiffCar, verifyProofs, verifyRepoCar } from '@atproto/repo'
import { parseCid } from '@atproto/lex-data'

const [folder] = process.argv.slice(2)
const sorted = (object) => Object.fromEntries(Object.entries(object).sort())

for (const name of await readdir(folder)) {
  const read = (file) => readFile(join(folder, name, file))
  const { did, key, records, older, changed, absent } = JSON.parse(await read('case.json'))

  const whole = await verifyRepoCar(await read('whole.car'), did, key)
  same(sorted(Object.fromEntries(whole.creates.map(({ collection, rkey, cid }) => [`${collection}/${rkey}`, cid.toString()]))), sorted(records))

  const old = await readCarWithRoot(await read('older.car'))
  const repo = await Repo.load(new MemoryBlockstore(old.blocks), old.root)
  same(repo.commit.rev, older)
  const diff = await verifyDiffCar(repo, await read('since.car'), did, key)
  same(diff.writes.map(({ action, collection, rkey }) => `${action} ${collection}/${rkey}`).sort(), changed)

  const claims = Object.entries(records).slice(0, 5).map(([path, cid]) => [path, parseCid(cid)])
  claims.push([absent, null])
  for (const [index, [path, cid]] of claims.entries()) {
    const [collection, rkey] = path.split('/')
    const { verified, unverified } = await verifyProofs(await read(`proof${index}.car`), [{ collection, rkey, cid }], did, key)
    ok(verified.length === 1 && unverified.length === 0, path)
  }
  console.log(`${name}: ${whole.creates.length} records, ${diff.writes.length} changes, ${claims.length} proofs`)
}
