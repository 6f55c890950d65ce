'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { SEARCH_INPUT_ID } from './search-input.tsx'

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))

/** `/` outside of a field, and Ctrl K (⌘ K) anywhere, lead to the search. Shows nothing. */
export const SearchShortcut = () => {
  const router = useRouter()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, shiftKey } = event
      const slash = key === '/' && !ctrlKey && !metaKey && !altKey && !isWriting(event.target)
      const controlK = key.toLowerCase() === 'k' && (ctrlKey || metaKey) && !altKey && !shiftKey
      if ((!slash && !controlK) || event.defaultPrevented || event.isComposing) return
      // What a dialog asks comes first; a notice in a corner asks nothing.
      if (document.querySelector('[role=dialog]:not([aria-modal=false]),[role=alertdialog],[role=menu]') !== null)
        return
      event.preventDefault()
      const input = document.getElementById(SEARCH_INPUT_ID)
      if (input instanceof HTMLInputElement) {
        input.focus()
        input.select()
      } else router.push('/search')
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [router])
  return null
}
