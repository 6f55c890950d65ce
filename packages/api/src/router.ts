import { auditRouter } from './routers/audit.ts'
import { chatRouter } from './routers/chat.ts'
import { collectionsRouter } from './routers/collections.ts'
import { conversationsRouter } from './routers/conversations.ts'
import { documentsRouter } from './routers/documents.ts'
import { feedRouter } from './routers/feed.ts'
import { feedbackRouter } from './routers/feedback.ts'
import { invitationsRouter } from './routers/invitations.ts'
import { jobsRouter } from './routers/jobs.ts'
import { keysRouter } from './routers/keys.ts'
import { membersRouter } from './routers/members.ts'
import { operationsRouter } from './routers/operations.ts'
import { organisationRouter } from './routers/organisation.ts'
import { searchRouter } from './routers/search.ts'
import { sessionRouter } from './routers/session.ts'
import { createCallerFactory, router } from './trpc.ts'

export const appRouter = router({
  session: sessionRouter,
  collections: collectionsRouter,
  documents: documentsRouter,
  search: searchRouter,
  conversations: conversationsRouter,
  chat: chatRouter,
  feedback: feedbackRouter,
  keys: keysRouter,
  members: membersRouter,
  invitations: invitationsRouter,
  organisation: organisationRouter,
  audit: auditRouter,
  jobs: jobsRouter,
  operations: operationsRouter,
  feed: feedRouter,
})

export type AppRouter = typeof appRouter
/** Calls procedures without HTTP: `createCaller(context).documents.list(input)`. */
export const createCaller = createCallerFactory(appRouter)
