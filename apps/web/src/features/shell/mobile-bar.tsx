'use client'

import { Dialog } from '@base-ui/react/dialog'
import { Menu as MenuIcon, SquarePen, X } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { buttonStyle } from '../ui/button.tsx'
import { Brand } from './brand.tsx'
import { Sidebar } from './sidebar.tsx'

/** The top bar of a phone: the menu as a sheet from the side, and a new chat one tap away. */
export const MobileBar = () => {
  const pathname = usePathname()
  const [open, setOpen] = useState(false)
  const [seen, setSeen] = useState(pathname)
  if (seen !== pathname) {
    setSeen(pathname)
    setOpen(false) // going to another page closes the sheet, as does a link to the same one
  }
  return (
    <header className="flex h-13 shrink-0 items-center justify-between border-b border-line bg-canvas px-2 md:hidden">
      <Dialog.Root open={open} onOpenChange={setOpen}>
        <Dialog.Trigger
          className={buttonStyle({ look: 'ghost', size: 'icon', className: 'size-10' })}
          aria-label={t('shell.openMenu')}
        >
          <MenuIcon className="size-5" aria-hidden />
        </Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
          <Dialog.Popup className="fixed inset-y-0 start-0 z-50 w-72 max-w-[85vw] border-e border-line shadow-float transition-transform duration-200 data-ending-style:-translate-x-full data-starting-style:-translate-x-full">
            <Dialog.Title className="sr-only">{t('shell.menu')}</Dialog.Title>
            <Sidebar onNavigate={() => setOpen(false)} />
            <Dialog.Close
              className={buttonStyle({ look: 'ghost', size: 'icon', className: 'absolute end-2 top-2.5 size-9' })}
              aria-label={t('shell.closeMenu')}
            >
              <X className="size-5" aria-hidden />
            </Dialog.Close>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
      <Brand />
      <Link
        href="/"
        aria-label={t('shell.newChat')}
        className={buttonStyle({ look: 'ghost', size: 'icon', className: 'size-10' })}
      >
        <SquarePen className="size-5" aria-hidden />
      </Link>
    </header>
  )
}
