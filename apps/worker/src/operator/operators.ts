import { operatorsJson, type OperatorsJson } from '@quarry/contracts'
import { TransferRefusal, type Desk } from '@quarry/core/operator'
import { seeHelp, type CommandLine } from './command-line.ts'
import { madeText } from './made.ts'

/** Runs `quarry operators …`, and says who sees to the installation then. */
export const runOperators = async (desk: Desk, { action, words }: CommandLine): Promise<OperatorsJson> => {
  const [address, ...more] = words
  if (action === 'list') {
    if (address !== undefined) throw new TransferRefusal(`A list takes no address. ${seeHelp('operators')}`)
    return describe(desk, false)
  }
  if (address === undefined || more.length > 0)
    throw new TransferRefusal(`quarry operators ${action} needs the e-mail address of an account.`)
  const userId = await desk.findAccount(address)
  if (userId === null)
    throw new TransferRefusal(
      `Nobody has an account with the address ${address}. They sign up first, then you add them.`,
    )
  if (action === 'add') return describe(desk, await desk.addOwner(userId))
  const outcome = await desk.removeOwner(userId)
  if (outcome === 'last')
    throw new TransferRefusal(
      `${address} is the last one who sees to this installation. Add somebody else first: quarry operators add <e-mail>.`,
    )
  return describe(desk, outcome === 'removed')
}

const describe = async (desk: Desk, changed: boolean): Promise<OperatorsJson> =>
  operatorsJson.parse({
    changed,
    operators: (await desk.owners()).map(({ userId, email, name, grantedAt, grantedBy }) => ({
      ...{ id: userId, email, name },
      ...{ since: grantedAt.toISOString(), by: grantedBy },
    })),
  })

/** What a person reads of it. */
export const operatorLines = ({ operators }: OperatorsJson): string[] =>
  operators.length === 0
    ? ['Nobody yet: the first who signs up is one.']
    : operators.map(
        ({ email, name, since, by }) => `${email} (${name}) ${madeText({ updatedAt: since, updatedBy: by })}`,
      )
