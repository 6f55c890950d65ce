import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits: nobody guesses one, and the hash needs no salt. */
export const newInvitationToken = (): string => randomBytes(32).toString('base64url')

/** What is stored of a token: who reads the table cannot open a link. */
export const hashInvitationToken = (token: string): string => createHash('sha256').update(token).digest('hex')

export const invitationLink = (publicUrl: string, token: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/join/${token}`
