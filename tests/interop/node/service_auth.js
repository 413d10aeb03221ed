// Service tokens of the official implementation, and what it says of ours. Reads `cases.json`, writes `verdicts.json`
// and `theirs.json`.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import { createServiceJwt, verifyJwt } from '@atproto/xrpc-server'

const [folder] = process.argv.slice(2)
const { iss, aud, lxm, cases } = JSON.parse(await readFile(join(folder, 'cases.json')))

const verdict = async ({ token, key }) => {
  try {
    await verifyJwt(token, aud, lxm, async () => key)
    return 'ok'
  } catch (error) {
    return error.customErrorName ?? error.message
  }
}

const verdicts = {}
for (const one of cases) verdicts[one.name] = await verdict(one)
await writeFile(join(folder, 'verdicts.json'), JSON.stringify(verdicts))

const theirs = []
for (const keypair of [await Secp256k1Keypair.create(), await P256Keypair.create()]) {
  const now = Math.floor(Date.now() / 1000)
  const make = async (expected, params) => {
    const token = await createServiceJwt({ iss, aud, lxm, keypair, ...params })
    theirs.push({ key: keypair.did(), token, expected })
  }
  await make('ok', {})
  await make('ok', { exp: now + 3000 })
  await make('JwtExpired', { exp: now - 10 })
  await make('BadExpiration', { exp: now + 7200 })
  await make('JwtNotYetValid', { iat: now + 1000, exp: now + 1060 })
  await make('BadJwtAudience', { aud: 'did:web:other.example.com' })
  await make('BadJwtLexiconMethod', { lxm: 'com.example.other' })
  await make('BadJwtLexiconMethod', { lxm: null })
  await make('BadJwtIss', { iss: 'did:plc:short' })
}
await writeFile(join(folder, 'theirs.json'), JSON.stringify(theirs))
console.log(`${cases.length} tokens judged, ${theirs.length} made`)
