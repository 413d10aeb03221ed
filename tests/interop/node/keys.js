// Keys and signatures: verifies what the other side made (ours.json), and makes some for it (theirs.json).
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deepStrictEqual as same, ok } from 'node:assert'
import {
  P256Keypair, P256_JWT_ALG, SECP256K1_JWT_ALG, Secp256k1Keypair, bytesToMultibase, formatDidKey, formatMultikey,
  parseDidKey, parseMultikey, verifySignature,
} from '@atproto/crypto'

const [folder] = process.argv.slice(2)
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'hex'))
const curves = {
  k256: { Keypair: Secp256k1Keypair, alg: SECP256K1_JWT_ALG },
  p256: { Keypair: P256Keypair, alg: P256_JWT_ALG },
}

const ours = JSON.parse(await readFile(join(folder, 'ours.json')))
for (const { curve, secret, didKey, multikey, message, signature, highS } of ours) {
  const { Keypair, alg } = curves[curve]
  const point = parseDidKey(didKey).keyBytes
  same([formatDidKey(alg, point), formatMultikey(alg, parseMultikey(multikey).keyBytes)], [didKey, multikey])
  ok(await verifySignature(didKey, bytes(message), bytes(signature)), `${curve}: a signature of ours`)
  ok(!(await verifySignature(didKey, bytes(message), bytes(highS))), `${curve}: high S`)
  ok(!(await verifySignature(didKey, bytes(`${message}00`), bytes(signature))), `${curve}: another message`)
  const pair = await Keypair.import(secret, { exportable: true })
  same([pair.did(), hex(await pair.sign(bytes(message)))], [didKey, signature], `${curve}: the same key makes the same`)
}

const theirs = []
for (const [curve, { Keypair }] of Object.entries(curves)) {
  for (let index = 0; index < 20; index++) {
    const pair = await Keypair.create({ exportable: true })
    const message = crypto.getRandomValues(new Uint8Array(index * 7))
    // Of a did:key it gives the whole point.
    const uncompressed = parseDidKey(pair.did()).keyBytes
    theirs.push({
      curve,
      secret: hex(await pair.export()),
      didKey: pair.did(),
      legacy: bytesToMultibase(uncompressed, 'base58btc'),
      message: hex(message),
      signature: hex(await pair.sign(message)),
    })
  }
}
await writeFile(join(folder, 'theirs.json'), JSON.stringify(theirs))
console.log(`${ours.length} keys of ours, ${theirs.length} of theirs`)
