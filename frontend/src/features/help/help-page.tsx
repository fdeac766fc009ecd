import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { AdminPage } from '@/components/admin/admin-page';
import { Card } from '@/components/card';
import { helpTexts as words } from '@/lib/i18n/help';
import { mayManage } from '@/lib/session/permissions';
import { useSession } from '@/lib/session/use-session';
import classes from './help-page.module.css';

/** Short explanations of the words on the pages, and links to the references that an installation serves. */
export function HelpPage() {
  const state = useSession();
  const { hash } = useLocation();
  // The page is loaded after its address, so the browser has not found the place itself.
  useEffect(() => document.getElementById(hash.slice(1))?.scrollIntoView(), [hash]);
  const manages = state.status === 'authenticated' && mayManage(state.user);
  const sections = manages ? [...words.sections, ...words.forAdmins] : words.sections;
  return (
    <AdminPage title={words.title} lead={words.lead}>
      <div className={classes.sections}>
        {sections.map(({ title, entries }) => (
          <Card key={title} title={title}>
            <dl className={classes.entries}>
              {entries.map(({ id, term, text }) => (
                <div key={term} id={id} className={classes.entry} data-shown={hash === `#${id}` || undefined}>
                  <dt>{term}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </Card>
        ))}
        <Card title={words.links.title}>
          <dl className={classes.entries}>
            <div>
              <dt>
                <a href="/api/docs/">{words.links.api}</a>
              </dt>
              <dd>{words.links.apiText}</dd>
            </div>
            {manages ? (
              <div>
                <dt>
                  <a href="/admin/">{words.links.admin}</a>
                </dt>
                <dd>{words.links.adminText}</dd>
              </div>
            ) : null}
          </dl>
        </Card>
      </div>
    </AdminPage>
  );
}
