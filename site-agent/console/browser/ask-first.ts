import { byId, setText } from './page/element.js';

/** Asks before something that cannot easily be undone. @returns true for yes */
export function askFirst(title: string, text: string, yes: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('ask');
  setText(byId('ask-title'), title);
  setText(byId('ask-text'), text);
  setText(byId('ask-yes'), yes);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
