import { AppShell } from '../../features/shell/app-shell.tsx'

export default function WorkspaceLayout({ children }: LayoutProps<'/'>) {
  return <AppShell>{children}</AppShell>
}
