// Verifies with the official library the operations that ours made, and makes some for ours to verify.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deepStrictEqual as same } from 'node:assert'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import * as plc from '@did-plc/lib'

const [folder] = process.argv.slice(2)

for (const { did, data, operations } of JSON.parse(await readFile(join(folder, 'ours.json')))) {
  same(await plc.didForCreateOp(operations[0]), did)
  same(await plc.validateOperationLog(did, operations.slice(0, -1)), { did, ...data })
  // With the tombstone there is no state any more.
  same(await plc.validateOperationLog(did, operations), null)
  const indexed = []
  for (const operation of operations) {
    const { nullified, prev } = await plc.assureValidNextOp(did, indexed, operation)
    same(nullified, [])
    same(prev?.toString() ?? null, operation.prev)
    // The CID that they compute of the last operation is the one that our next one names.
    if (indexed.length > 0) same(indexed.at(-1).cid.toString(), operation.prev)
    const { cid } = await plc.getLastOpWithCid([operation])
    indexed.push({ did, operation, cid, nullified: false, createdAt: new Date() })
  }
  console.log(`${operations.length} operations of ours`)
}

const theirs = []
for (const Keypair of [Secp256k1Keypair, P256Keypair]) {
  const [strong, weak] = [await Keypair.create(), await Keypair.create()]
  const account = { signingKey: weak.did(), handle: 'théo.example.com', pds: 'pds.example.com' }
  const genesis = await plc.atprotoOp({ ...account, rotationKeys: [strong.did(), weak.did()], prev: null, signer: weak })
  const operations = [genesis]
  for (let count = 0; count < 20; count++) {
    operations.push(await plc.updateHandleOp(operations.at(-1), count % 2 ? strong : weak, `theo${count}.example.com`))
  }
  const last = await plc.getLastOpWithCid(operations)
  operations.push(await plc.tombstoneOp(last.cid, weak))
  const legacy = await plc.deprecatedSignCreate(
    { type: 'create', signingKey: weak.did(), recoveryKey: strong.did(), handle: 'old.example.com', service: 'pds.example.com', prev: null },
    weak,
  )
  for (const log of [operations, [legacy, await plc.updateHandleOp(legacy, weak, 'new.example.com')]]) {
    const cids = await Promise.all(log.map(async (operation) => (await plc.getLastOpWithCid([operation])).cid.toString()))
    theirs.push({ did: await plc.didForCreateOp(log[0]), data: await plc.validateOperationLog(await plc.didForCreateOp(log[0]), log), operations: log, cids })
  }
}
await writeFile(join(folder, 'theirs.json'), JSON.stringify(theirs))
