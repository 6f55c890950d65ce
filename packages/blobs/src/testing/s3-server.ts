import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BlobAdapter } from '@quarry/config'

/** The part of @20minutes/s3rver that we use; the package brings no types. */
interface S3rver {
  configureBuckets(): Promise<unknown>
  callback(): RequestListener
  readonly logger: { readonly exceptions: { unhandle(): void }; close(): void }
}
type S3rverClass = new (options: {
  readonly silent: boolean
  readonly directory: string
  readonly configureBuckets: readonly { readonly name: string }[]
}) => S3rver

const S3rverServer = createRequire(import.meta.url)('@20minutes/s3rver') as S3rverClass

export interface S3Server {
  /** For a bucket that is there; `change` makes it a wrong one. */
  adapter(change?: Partial<Extract<BlobAdapter, { kind: 's3' }>>): Extract<BlobAdapter, { kind: 's3' }>
  /** The variables that lead to it. */
  readonly env: Readonly<Record<string, string>>
  /** Called before each request; true when it has answered, or broken, the request itself. Null ends it. */
  interfere(interference: Interference | null): void
  /** Requests so far. */
  readonly requests: () => number
  close(): Promise<void>
}

export type Interference = (request: IncomingMessage, response: ServerResponse) => boolean

const BUCKET = 'docs'
/** The server's only key. */
const KEY = 'S3RVER'

/** An S3 server that checks signatures, on a port and a folder of its own. */
export const startS3Server = async (): Promise<S3Server> => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-s3-'))
  const s3 = new S3rverServer({ silent: true, directory: join(folder, 'store'), configureBuckets: [{ name: BUCKET }] })
  await s3.configureBuckets()
  const answer = s3.callback()
  let interference: Interference | null = null
  let requests = 0
  const server = createServer((request, response) => {
    requests += 1
    if (interference?.(request, response) !== true) answer(request, response)
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })
  const endpoint = `http://127.0.0.1:${port}`
  return {
    adapter: (change = {}) => ({
      kind: 's3',
      bucket: BUCKET,
      prefix: 'a préfix/of ours',
      endpoint,
      region: 'us-east-1',
      accessKeyId: KEY,
      secretAccessKey: KEY,
      pathStyle: true,
      copiesDir: join(folder, 'copies'),
      ...change,
    }),
    env: {
      BLOB_URL: `s3://${BUCKET}/moved`,
      S3_ENDPOINT: endpoint,
      S3_ACCESS_KEY_ID: KEY,
      S3_SECRET_ACCESS_KEY: KEY,
    },
    interfere: (next) => {
      interference = next
    },
    requests: () => requests,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      // Its logger listens to the exceptions of the whole process.
      s3.logger.exceptions.unhandle()
      s3.logger.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
