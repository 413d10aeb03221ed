// DID documents: reads with the official package what the other side rendered (ours.json), and writes documents with
// what the official packages read in them (theirs.json).
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deepStrictEqual as same } from 'node:assert'
import { P256Keypair, Secp256k1Keypair } from '@atproto/crypto'
import { DidResolver, HandleResolver, parseToAtprotoDocument } from '@atproto/identity'
import { formatDidDoc } from '@did-plc/lib'

const [folder] = process.argv.slice(2)
const answer = (body) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })

const ours = JSON.parse(await readFile(join(folder, 'ours.json')))
for (const { did, document, signingKey, handle, pds } of ours) {
  // Through its resolver: it checks the form of the document, and where it asks.
  const asked = []
  const fetch = async (url) => (asked.push(String(url)), answer(document))
  const resolver = new DidResolver({ plcUrl: 'https://plc.example.com', fetch })
  same(await resolver.resolveAtprotoData(did), { did, signingKey, handle, pds })
  same(asked.length, 1, did)
}

const theirs = []
for (const Keypair of [Secp256k1Keypair, P256Keypair]) {
  for (const labels of [false, true]) {
    const did = `did:plc:${labels ? 'b' : 'a'}bcdefghijklmnopqrstuvwx`
    const key = (await Keypair.create()).did()
    const other = (await Keypair.create()).did()
    const document = formatDidDoc({
      did,
      rotationKeys: [key],
      verificationMethods: labels ? { atproto_label: other, atproto: key } : { atproto: key },
      alsoKnownAs: ['https://example.com', 'at://alice.example.com', 'at://bob.example.com'],
      services: { atproto_pds: { type: 'AtprotoPersonalDataServer', endpoint: 'https://pds.example.com' } },
    })
    theirs.push({ did, document, label: labels ? other : null, ...parseToAtprotoDocument(document) })
  }
}
await writeFile(join(folder, 'theirs.json'), JSON.stringify(theirs))

const handles = new HandleResolver({ fetch: async () => new Response('did:plc:abcdefghijklmnopqrstuvwx\n') })
same(handles.parseDnsResult([['did=did:plc:', 'abc'], ['other']]), 'did:plc:abc')
same(await handles.resolveHttp('alice.example.com'), 'did:plc:abcdefghijklmnopqrstuvwx')
console.log(`${ours.length} documents of ours, ${theirs.length} of theirs`)
