import { userInfo } from 'node:os'

/** Who runs a command on this machine, for the log. In a container an account may have a number and no name. */
export const machineUser = (lookUp: () => { username: string } = userInfo): string => {
  try {
    return lookUp().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
