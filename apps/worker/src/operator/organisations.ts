import { organisationsJson, type OrganisationsJson } from '@quarry/contracts'
import { TransferRefusal, type Desk, type Organisation } from '@quarry/core/operator'
import { seeHelp, type CommandLine } from './command-line.ts'
import { findOrganisation } from './organisation.ts'

/** Runs `quarry organisations …`, and says how they are then. `hours`: for which one can be opened again. */
export const runOrganisations = async (desk: Desk, hours: number, line: CommandLine): Promise<OrganisationsJson> => {
  const { action, values } = line
  const [wanted, ...more] = line.words
  if (action === 'list') {
    if (wanted !== undefined) throw new TransferRefusal(`A list takes no name. ${seeHelp('organisations')}`)
    return describe(desk, false)
  }
  if (wanted === undefined || more.length > 0)
    throw new TransferRefusal(`quarry organisations ${action} needs one name or id. ${seeHelp('organisations')}`)
  const found = findOrganisation(await desk.organisations(), wanted)
  if (action === 'restore') return describe(desk, await restore(desk, found))
  if (values['confirm'] !== found.name)
    throw new TransferRefusal(
      `${found.name} would be closed at once, and deleted with all that it has. To go on, add: --confirm "${found.name}"`,
    )
  return describe(desk, await desk.deleteOrganisation(found.id, values['now'] === true ? 0 : hours))
}

const restore = async (desk: Desk, { id, name }: Organisation): Promise<boolean> => {
  const restored = await desk.restoreOrganisation(id)
  if (restored === 'late')
    throw new TransferRefusal(`${name} is being deleted: it is too late. A backup of before may still have it.`)
  return restored
}

const describe = async (desk: Desk, changed: boolean): Promise<OrganisationsJson> => {
  const [organisations, deletions] = [await desk.organisations(), await desk.deletions()]
  const there = organisations.map(({ id, name, closedAt, deleteAt }) => {
    const deletion = deletions.find(({ subjectId }) => subjectId === id)
    return {
      id,
      name,
      state: deletion ? 'being deleted' : deleteAt ? 'closed' : 'open',
      closedAt: closedAt?.toISOString() ?? null,
      deleteAt: deleteAt?.toISOString() ?? null,
      deletedAt: null,
      counts: deletion?.counts ?? {},
    }
  })
  const gone = deletions
    .filter(({ subjectId }) => !organisations.some(({ id }) => id === subjectId))
    .map(({ subjectId, closedAt, beganAt, finishedAt, counts }) => ({
      id: subjectId,
      name: null,
      state: finishedAt ? 'deleted' : 'being deleted',
      closedAt: closedAt.toISOString(),
      deleteAt: beganAt.toISOString(),
      deletedAt: finishedAt?.toISOString() ?? null,
      counts,
    }))
  return organisationsJson.parse({ changed, organisations: [...there, ...gone] })
}

/** What a person reads of it. */
export const organisationLines = ({ organisations }: OrganisationsJson): string[] =>
  organisations.length === 0
    ? ['There is no organisation yet.']
    : organisations.map((one) => `${one.name ?? 'an organisation that is gone'} (${one.id}): ${stateText(one)}`)

const stateText = ({ state, deleteAt, deletedAt, counts }: OrganisationsJson['organisations'][number]): string => {
  if (state === 'open') return 'open'
  if (state === 'closed') return `closed; deleted after ${deleteAt}`
  const went = Object.entries(counts).map(([kind, n]) => `${n} ${kind}`)
  const so = went.length === 0 ? '' : `: ${went.join(', ')}`
  return state === 'deleted' ? `deleted ${deletedAt}${so}` : `being deleted since ${deleteAt}${so}`
}
