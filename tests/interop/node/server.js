// The official server, on a port of its own. Prints its address, and ends with its standard input.
import { createServer as httpServer } from 'node:http'
import { Readable } from 'node:stream'
import express from 'express'
import { InvalidRequestError, XRPCError, createServer } from '@atproto/xrpc-server'
import { parseCid } from '@atproto/lex-data'
import { lexicons, nsid } from './lexicons.js'

const CID = parseCid('bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a')
const json = (body) => ({ encoding: 'application/json', body })
const server = createServer(lexicons)

server.method(nsid('echo'), ({ input }) => json(input.body))

server.method(nsid('greet'), ({ input }) => {
  if (input.body.name === 'nobody') throw new InvalidRequestError('nobody knows nobody', 'Stranger')
  if (input.body.name === 'busy') throw new XRPCError(429, 'come back', 'RateLimitExceeded')
  return json({ greeting: `Hello, ${input.body.name}!` })
})

server.method(nsid('listNumbers'), ({ params }) => {
  const from = params.cursor ? Number(params.cursor) : 0
  const numbers = []
  let next = from
  for (; next < params.below && numbers.length < params.limit; next++) {
    if (params.even && next % 2) continue
    if (params.not?.includes(next)) continue
    numbers.push(next)
  }
  return json({ numbers, tags: params.tags, cursor: next < params.below ? String(next) : undefined })
})

server.method(nsid('upload'), async ({ input }) => {
  let size = 0
  for await (const chunk of input.body) size += chunk.length
  return json({ size, mimeType: input.encoding })
})

server.method(nsid('download'), ({ params }) => ({
  encoding: 'application/vnd.ipld.car',
  body: Readable.from([Buffer.alloc(params.size, 7)]),
}))

server.method(nsid('touch'), () => undefined)

server.streamMethod(nsid('count'), async function* ({ params }) {
  if ((params.cursor ?? 0) > params.to) throw new InvalidRequestError('the cursor is in the future', 'FutureCursor')
  for (let seq = (params.cursor ?? 0) + 1; seq <= params.to; seq++) {
    yield { $type: nsid('count') + '#number', seq, text: `number ${seq}`, bytes: new Uint8Array([seq]), link: CID }
  }
  yield { $type: '#done', seq: params.to + 1 }
})

const app = express()
app.use(server.router)
const http = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}`))
process.stdin.on('end', () => process.exit(0)).resume()
