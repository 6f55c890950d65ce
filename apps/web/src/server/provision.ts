import { randomBytes, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { userId as userIdSchema, type Actor } from '@quarry/contracts'
import {
  appendUpload,
  completeDocument,
  createCollection,
  createKey,
  createManyDocuments,
  listCollections,
  listKeys,
  revokeKey,
  type VerbContext,
  type WebCore,
} from '@quarry/core/web'
import type { WebEnv } from '../env.ts'
import type { Auth } from './auth.ts'
import { PrivateJsonFile } from './private-json-file.ts'

const EMAIL = 'owner@quarry.local'
const WORKSPACE = 'My workspace'
const KEY_NAME = 'Command line on this machine'
const SAMPLES = 'Samples'
const SAMPLE_FILES = /\.(md|pdf|txt)$/

interface Credentials {
  readonly url: string
  readonly email: string
  readonly password: string
  readonly apiKey: string
  readonly organisation: string
}

/**
 * Makes the first workspace: an owner, a key for the command line, a few documents to ask about. The credentials are
 * written last, and what was begun is noted first, so that a start that was interrupted is finished by the next one.
 * Returns false when there was nothing to do.
 */
export const provision = async (core: WebCore, auth: Auth, env: WebEnv, samplesFolder: string): Promise<boolean> => {
  const { dataDir, publicUrl } = env.adapters
  const credentials = new PrivateJsonFile<Credentials>(join(dataDir, 'credentials.json'))
  const begun = new PrivateJsonFile<{ password: string }>(join(dataDir, 'provisioning.json'))
  if (await credentials.exists()) return false
  if (!(await begun.exists())) {
    if (!env.provision || (await core.hasUsers())) return false
    await begun.write({ password: randomBytes(12).toString('base64url') })
  }
  const { password } = await begun.read()
  const ctx = await ownerContext(core, auth, password)
  const key = await freshKey(ctx)
  await addSamples(ctx, samplesFolder)
  await credentials.write({
    url: publicUrl,
    email: EMAIL,
    password,
    apiKey: key.secret,
    organisation: WORKSPACE,
  })
  await begun.remove()
  return true
}

const ownerContext = async (core: WebCore, auth: Auth, password: string): Promise<VerbContext> => {
  const requestId = randomUUID()
  // `workspace` is for our own hook; better-auth's types do not know it.
  const body = { name: 'Owner', email: EMAIL, password, workspace: WORKSPACE }
  const userId = (await core.findUser(EMAIL)) ?? (await auth.api.signUpEmail({ body })).user.id
  // A crash may have come between the person and their workspace; for anybody else it is there.
  await core.ensureWorkspace({ userId, workspaceName: WORKSPACE })
  const { actor }: { actor: Actor | null } = await core.findMember({
    userId: userIdSchema.parse(userId),
    activeOrganizationId: null,
  })
  if (!actor) throw new Error('the first workspace has no owner')
  return { deps: core.deps, actor, requestId }
}

const freshKey = async (ctx: VerbContext) => {
  for (const { id, name } of await listKeys(ctx)) if (name === KEY_NAME) await revokeKey(ctx, { id })
  return createKey(ctx, { name: KEY_NAME, role: 'admin' })
}

const addSamples = async (ctx: VerbContext, folder: string): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => SAMPLE_FILES.test(name) && name !== 'README.md').toSorted()
  if (names.length === 0) return
  const collections = await listCollections(ctx)
  const { id: collectionId } =
    collections.find(({ name }) => name === SAMPLES) ??
    (await createCollection(ctx, { name: SAMPLES, visibility: 'organisation' }))
  const files = await Promise.all(
    names.map(async (name) => ({ path: basename(name), sizeBytes: (await stat(join(folder, name))).size })),
  )
  for (const { path, ticket } of await createManyDocuments(ctx, { collectionId, files })) {
    if (ticket === null) continue
    await appendUpload(ctx, { ticket, offset: 0, body: createReadStream(join(folder, path)) })
    await completeDocument(ctx, { ticket })
  }
}
