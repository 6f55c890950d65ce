import { orgId as orgIdSchema, userId as userIdSchema, type OrgId, type Role, type UserId } from '@quarry/contracts'
import { authSchema, type Database } from '@quarry/db'
import { COINED, coinedName, firstName, seededId, type Random } from '@quarry/rag/seed'

export interface SeededPerson {
  readonly userId: UserId
  readonly email: string
  readonly role: Role
}

export interface SeededOrganisation {
  readonly orgId: OrgId
  readonly name: string
  /** The owner first, then an admin, members and viewers. */
  readonly people: readonly SeededPerson[]
}

const FEWEST = 4
const MOST = 30
/** A company writes about as many passages per head. */
const CHUNKS_PER_PERSON = 400
const COMPANY_FORMS = ['Ltd', 'GmbH', 'AG', 'Group', 'Foundation', 'e.V.']

/** Makes an organisation and its people, who all sign in with the password behind `hash`. */
export async function seedPeople(
  { auth }: Pick<Database, 'auth'>,
  random: Random,
  { chunks, at, hash }: { chunks: number; at: number; hash: string },
): Promise<SeededOrganisation> {
  const orgId = orgIdSchema.parse(seededId(random, at))
  const first = coinedName('product', random.integer(COINED))
  const name = `${first} ${random.pick(COMPANY_FORMS)}`
  const slug = `${ascii(first)}-${orgId.slice(-6)}`
  const createdAt = new Date(at)
  const count = Math.min(MOST, FEWEST + Math.floor(chunks / CHUNKS_PER_PERSON))
  const people = Array.from({ length: count }, (_, i) => {
    const given = firstName(random.integer(30))
    const surname = coinedName('surname', random.integer(COINED))
    return {
      id: seededId(random, at + i),
      name: `${given} ${surname}`,
      email: `${ascii(given)}.${ascii(surname)}.${i + 1}@${slug}.example`,
      role: ROLES[i] ?? (random.next() < 0.8 ? 'member' : 'viewer'),
    }
  })
  await auth.insert(authSchema.organization).values({ id: orgId, name, slug, createdAt })
  await auth
    .insert(authSchema.user)
    .values(people.map(({ id, name: own, email }) => ({ id, name: own, email, emailVerified: true, createdAt })))
  await auth.insert(authSchema.account).values(
    people.map(({ id }) => ({
      ...{ id: seededId(random, at), userId: id, accountId: id, providerId: 'credential' },
      ...{ password: hash, createdAt },
    })),
  )
  await auth
    .insert(authSchema.member)
    .values(
      people.map(({ id, role }) => ({ id: seededId(random, at), organizationId: orgId, userId: id, role, createdAt })),
    )
  return { orgId, name, people: people.map(({ id, email, role }) => ({ userId: userIdSchema.parse(id), email, role })) }
}

/** The rest are members, some of them viewers. */
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer']

const ascii = (text: string) =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
