import { createReadStream } from 'node:fs'
import type { FailureCode } from '@quarry/contracts'
import type { Source } from '../source.ts'

/** Compound files ([MS-CFB] 2.2): Office before 2007, and today's formats under a password. */
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex')
/** The stream that holds an encrypted package ([MS-OFFCRYPTO] 2.3.4.4); names are UTF-16. */
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le')

/** Why a file cannot be opened as the zip file that it should be. */
export async function reasonForNoZip(source: Source): Promise<FailureCode> {
  let rest = Buffer.alloc(0)
  let isFirst = true
  for await (const chunk of typeof source === 'string' ? createReadStream(source) : [Buffer.from(source)]) {
    if (!Buffer.isBuffer(chunk)) continue
    if (isFirst && !chunk.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE)) return 'damaged'
    isFirst = false
    const window = Buffer.concat([rest, chunk])
    if (window.includes(ENCRYPTED_PACKAGE)) return 'encrypted'
    rest = window.subarray(-ENCRYPTED_PACKAGE.length)
  }
  return isFirst ? 'empty' : 'unsupported_type'
}
