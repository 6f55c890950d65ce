import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Values } from './parse.ts'
import { isSet } from './parse.ts'
import type { Environment } from './environment.ts'

export type BlobAdapter =
  | { readonly kind: 'file'; readonly root: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      /** Without slashes at its ends; empty for the whole bucket. */
      readonly prefix: string
      /** Origin of the store, without a trailing slash. */
      readonly endpoint: string
      readonly region: string
      readonly accessKeyId: string
      readonly secretAccessKey: string
      /** `<endpoint>/<bucket>/<key>` instead of `<bucket>.<endpoint>/<key>`. */
      readonly pathStyle: boolean
      /** Folder on this machine for copies that a parser reads. */
      readonly copiesDir: string
    }

export const BLOB_NAMES = [
  'BLOB_URL',
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'S3_PATH_STYLE',
] as const

/** What is missing beside an s3:// address, a sentence for each variable. */
export const blobProblems = (env: Environment): string[] =>
  (env['BLOB_URL'] ?? '').startsWith('s3://')
    ? (['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const)
        .filter((name) => !isSet(env, name))
        .map((name) => `${name} must be set too: BLOB_URL is on S3`)
    : []

/** The store that `BLOB_URL` names; without it a folder of the data folder. */
export const blobAdapterOf = (v: Values<(typeof BLOB_NAMES)[number]>, dataDir: string): BlobAdapter => {
  if (v.BLOB_URL === undefined) return { kind: 'file', root: join(dataDir, 'blobs') }
  const url = new URL(v.BLOB_URL)
  if (url.protocol === 'file:') return { kind: 'file', root: fileURLToPath(url) }
  return {
    kind: 's3',
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, ''),
    endpoint: v.S3_ENDPOINT ?? `https://s3.${v.S3_REGION}.amazonaws.com`,
    region: v.S3_REGION,
    accessKeyId: v.S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: v.S3_SECRET_ACCESS_KEY ?? '',
    // Stores of one's own seldom have a host name for every bucket; Amazon wants one (its docs, "Virtual hosting of buckets").
    pathStyle: v.S3_PATH_STYLE === undefined ? v.S3_ENDPOINT !== undefined : v.S3_PATH_STYLE === 'true',
    copiesDir: join(dataDir, 'copies'),
  }
}
