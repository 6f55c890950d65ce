import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import type { BlobAdapter } from '@quarry/config'

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
  const s3 = new S3rver({ silent: true, directory: join(folder, 'store'), configureBuckets: [{ name: BUCKET }] })
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
