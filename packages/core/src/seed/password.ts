import { scrypt } from 'node:crypto'

/** As better-auth 1.7 keeps a password: `<salt>:<key>` in hex, by scrypt with these numbers (its crypto/password). */
const OPTIONS = { N: 16_384, r: 16, p: 1, maxmem: 128 * 16_384 * 16 * 2 }
const KEY_BYTES = 64

/** @param salt 32 hex digits */
export const passwordHash = (password: string, salt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, OPTIONS, (error, key) => {
      if (error) reject(error)
      else resolve(`${salt}:${key.toString('hex')}`)
    })
  })
