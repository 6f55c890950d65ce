'use client'

import { can, type Me, type Permission } from '@quarry/contracts'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useTRPC } from '../../trpc/client.ts'

/** Who is signed in. Only under `SessionGate`, which has loaded it. */
export const useMe = (): Me =>
  useSuspenseQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 300_000 })).data

/** Whether the signed-in person's role allows something; the API decides again on every call. */
export const useCan = (permission: Permission): boolean => can(useMe().role, permission)
