// The lexicons of these tests, as the official packages take them.
import { readFileSync, readdirSync } from 'node:fs'

const folder = new URL('../lexicons/com/example/interop/', import.meta.url)

export const lexicons = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
export const nsid = (name) => `com.example.interop.${name}`
