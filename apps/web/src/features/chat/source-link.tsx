'use client'

import type { Citation } from '@quarry/contracts'
import Link from 'next/link'
import type { ComponentProps, MouseEvent } from 'react'
import { citationPlace, sourceHref } from '../viewer/source-address.ts'
import { useAnswer } from './answer-context.tsx'

const opensElsewhere = (event: MouseEvent) =>
  event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0

type SourceLinkProps = Omit<ComponentProps<typeof Link>, 'href'> & { citation: Citation }

/** A real link to a citation's place; a plain click opens it beside the chat instead. */
export const SourceLink = ({ citation, onClick, ...rest }: SourceLinkProps) => {
  const { onOpen } = useAnswer()
  const place = citationPlace(citation)
  return (
    <Link
      href={sourceHref(place)}
      prefetch={false}
      onClick={(event) => {
        onClick?.(event)
        if (opensElsewhere(event)) return
        event.preventDefault()
        onOpen(place)
      }}
      {...rest}
    />
  )
}
