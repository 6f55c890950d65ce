import { createHash } from 'node:crypto'
import { AppError } from '@quarry/contracts'

/** Passes a stream through and hashes it; `confirm` throws when the whole of it was not what it should be. */
export const hashing = (body: AsyncIterable<unknown>, sha256: string) => {
  const hash = createHash('sha256')
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      if (!Buffer.isBuffer(piece)) throw new TypeError('a stream of bytes was expected')
      hash.update(piece)
      yield piece
    }
  }
  return {
    pieces: pieces(),
    confirm: (): void => {
      if (hash.digest('hex') !== sha256)
        throw new AppError('conflict', { message: 'These bytes are not the content that they are named by.' })
    },
  }
}
