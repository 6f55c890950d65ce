import { Readable } from 'node:stream'
import { openBlobStore } from '@quarry/blobs'
import { readAdapters } from '@quarry/config'
import { orgId, versionId } from '@quarry/contracts'

/** A web server that dies between storing an upload's bytes and saying whose they are: `<org> <ticket> <text>`. */
const [org, ticket, text = ''] = process.argv.slice(2)
const store = openBlobStore(readAdapters().blobs)
const upload = [orgId.parse(org), versionId.parse(ticket)] as const
await store.appendUpload(...upload, 0, Readable.from([Buffer.from(text)]), text.length)
await store.finishUpload(...upload)
process.kill(process.pid, 'SIGKILL')
