import { v7 } from 'uuid'

/** A new identifier: UUIDv7 (RFC 9562), increasing with time. Cast it to the kind of id that it is to be. */
export const newId = (): string => v7()
