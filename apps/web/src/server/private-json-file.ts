import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** A JSON file that only its owner can read (0600), and that is whole or not there. */
export class PrivateJsonFile<T> {
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }

  async exists(): Promise<boolean> {
    try {
      await access(this.#path)
      return true
    } catch {
      return false
    }
  }

  async read(): Promise<T> {
    const value: T = JSON.parse(await readFile(this.#path, 'utf8'))
    return value
  }

  async write(value: T): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    const draft = `${this.#path}.${process.pid}`
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, this.#path)
  }

  remove(): Promise<void> {
    return rm(this.#path, { force: true })
  }
}
