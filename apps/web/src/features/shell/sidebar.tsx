'use client'

import { FileText, FolderLock, Gauge, KeyRound, ListChecks, ScrollText, Search, SquarePen, Users } from 'lucide-react'
import { can, type Me } from '@quarry/contracts'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { useMe } from '../session/use-me.ts'
import { ConversationList } from '../chat/conversation-list.tsx'
import { classNames } from '../ui/class-names.ts'
import { AccountMenu } from './account-menu.tsx'
import { Brand } from './brand.tsx'

interface NavLinkProps {
  href: string
  active: boolean
  icon: ReactNode
  children: ReactNode
}

const NavLink = ({ href, active, icon, children }: NavLinkProps) => (
  <Link
    href={href}
    aria-current={active ? 'page' : undefined}
    className={classNames(
      'flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-[0.8125rem] font-medium text-ink-2 hover:bg-hover hover:text-ink [&_svg]:size-4',
      active && 'bg-hover text-ink',
    )}
  >
    {icon}
    {children}
  </Link>
)

interface Managed {
  readonly href: string
  readonly label: string
  /** A permission, or looking after the whole installation. */
  readonly needs: Parameters<typeof can>[1] | 'operator'
  readonly icon: ReactNode
}

/** Where a workspace is looked after; only what the person reaches. */
const MANAGED: readonly Managed[] = [
  { href: '/people', label: t('shell.people'), needs: 'members.read', icon: <Users aria-hidden /> },
  {
    href: '/collections',
    label: t('shell.collections'),
    needs: 'collections.manage',
    icon: <FolderLock aria-hidden />,
  },
  { href: '/keys', label: t('shell.keys'), needs: 'keys.manage', icon: <KeyRound aria-hidden /> },
  { href: '/audit', label: t('shell.audit'), needs: 'audit.read', icon: <ScrollText aria-hidden /> },
  { href: '/jobs', label: t('shell.jobs'), needs: 'jobs.manage', icon: <ListChecks aria-hidden /> },
  { href: '/operations', label: t('shell.operations'), needs: 'operator', icon: <Gauge aria-hidden /> },
]

const reaches = ({ role, operator }: Me, needs: Managed['needs']): boolean =>
  needs === 'operator' ? operator : can(role, needs)
const isAt = (pathname: string, href: string): boolean => pathname === href || pathname.startsWith(`${href}/`)

const ManageLinks = ({ pathname }: { pathname: string }) => {
  const me = useMe()
  return (
    <ul aria-label={t('shell.manage')} className="mb-1.5 grid grid-cols-2 gap-0.5">
      {MANAGED.filter(({ needs }) => reaches(me, needs)).map(({ href, label, icon }) => (
        <li key={href}>
          <Link
            href={href}
            aria-current={isAt(pathname, href) ? 'page' : undefined}
            className={classNames(
              'flex h-8 items-center gap-2 rounded-lg px-2 text-xs font-medium text-ink-2 hover:bg-hover hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0',
              isAt(pathname, href) && 'bg-hover text-ink',
            )}
          >
            {icon}
            <span className="truncate">{label}</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** Everything one can go to. The same on the desktop's side and in the phone's sheet. */
export const Sidebar = ({ onNavigate }: { onNavigate?: () => void }) => {
  const pathname = usePathname()
  return (
    <nav
      aria-label={t('shell.navigation')}
      className="flex h-full min-h-0 flex-col bg-sunken"
      onClickCapture={({ target }) => target instanceof Element && target.closest('a') !== null && onNavigate?.()}
    >
      <div className="flex h-14 shrink-0 items-center px-4">
        <Link href="/" className="rounded-md" aria-label={t('app.name')}>
          <Brand />
        </Link>
      </div>
      <div className="grid shrink-0 gap-0.5 px-2">
        <NavLink href="/" active={pathname === '/'} icon={<SquarePen aria-hidden />}>
          {t('shell.newChat')}
        </NavLink>
        <NavLink href="/search" active={pathname === '/search'} icon={<Search aria-hidden />}>
          {t('shell.search')}
        </NavLink>
        <NavLink href="/documents" active={pathname.startsWith('/documents')} icon={<FileText aria-hidden />}>
          {t('shell.documents')}
        </NavLink>
      </div>
      <ConversationList />
      <div className="shrink-0 border-t border-line p-2">
        <ManageLinks pathname={pathname} />
        <AccountMenu />
      </div>
    </nav>
  )
}
