import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { EMBEDDED_PORT } from '../client/address.ts'

/**
 * Makes the folder of the socket, for this user alone: the socket asks for no password. Returns the socket's path.
 * Throws when the folder is somebody else's (it may lie in the shared temporary folder) or when a database listens there.
 */
export const prepareSocketFolder = async (folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.())
    throw new Error(`${folder} is not a folder of this user: remove it, or set QUARRY_DATA to another folder`)
  chmodSync(folder, 0o700)
  const path = socketIn(folder)
  if (await answers(path)) throw new Error(`another database already serves ${folder}`)
  rmSync(path, { force: true })
  return path
}

export const socketIn = (folder: string): string => join(folder, `.s.PGSQL.${EMBEDDED_PORT}`)

/** Whether somebody listens there. */
export const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
