import { isIP } from 'node:net'
import { z } from 'zod'

/** A whole number in [min, max], written in decimal digits only: `1e3`, ` 5` and `0x10` are refused. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: 'must be a whole number' })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(min, { error: `must be at least ${min}` })
        .max(max, { error: `must be at most ${max}` }),
    )

/** A decimal fraction in [0, 1], such as `0.2`. */
export const share = z
  .string()
  .regex(/^(?:0|1|0?\.\d{1,6}|1\.0{1,6})$/, { error: 'must be a number from 0 to 1, such as 0.2' })
  .transform(Number)

/** A decimal number of at most six digits each side, such as `2.50`. */
export const price = z
  .string()
  .regex(/^\d{1,6}(?:\.\d{1,6})?$/, { error: 'must be a number, such as 2.50' })
  .transform(Number)

const hasProtocol = (value: string, protocols: readonly string[]) =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol)

export const postgresUrl = z
  .string()
  .refine((v) => hasProtocol(v, ['postgres:', 'postgresql:']), { error: 'must be a postgres:// address' })

export const redisUrl = z
  .string()
  .refine((v) => hasProtocol(v, ['redis:', 'rediss:']), { error: 'must be a redis:// or rediss:// address' })

/** An http(s) address without a trailing slash. */
export const httpUrl = z
  .string()
  .refine((v) => hasProtocol(v, ['http:', 'https:']), { error: 'must be an http:// or https:// address' })
  .transform((v) => v.replace(/\/+$/, ''))

/** A bucket is a host name: 3 to 63 lower-case letters, digits, dots and hyphens (Amazon S3, "Bucket naming rules"). */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/

/** `file:///<folder>`, or `s3://<bucket>` with an optional prefix. */
export const blobUrl = z.string().refine(
  (v) => {
    if (!URL.canParse(v)) return false
    const url = new URL(v)
    if (url.search !== '' || url.hash !== '' || url.username !== '') return false
    return url.protocol === 'file:' ? url.host === '' : url.protocol === 's3:' && BUCKET.test(url.host)
  },
  { error: 'must be file:///<folder> or s3://<bucket>/<prefix>' },
)

export const folder = z.string().refine((v) => !v.includes('\0'), { error: 'must be a path' })

/**
 * Shells and container runtimes set HOSTNAME to the machine's name on their own, and binding to that would make
 * 127.0.0.1 refuse connections. So only an address (or `localhost`) is taken; a name means "not set".
 */
export const bindAddress = z
  .string()
  .transform((v) => (v === 'localhost' ? '127.0.0.1' : v))
  .transform((v) => (isIP(v) === 0 ? '127.0.0.1' : v))

/** Tesseract's names, such as eng, chi_sim or script/Latin's `Latin`, joined by `+`; null for `off`. */
export const ocrLanguages = z
  .string()
  .regex(/^[A-Za-z]\w{1,30}(?:\+[A-Za-z]\w{1,30})*$/, {
    error: 'must be languages as Tesseract calls them, joined by +, such as eng+deu, or off',
  })
  .transform((v) => (v === 'off' ? null : [...new Set(v.split('+'))]))
