/** An expected end: one line for the person who gave the command. */
export class SeedRefusal extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SeedRefusal'
  }
}
