import { Router } from 'express';
import { PAGE_SECURITY_POLICY } from '@fedoxnet/shared/access/page-policy';
import { dashboardAssets } from '../dashboard/routes.js';

/** The dashboard's page and its files; it asks for everything else with the viewer token. */
export function dashboardFiles(): Router {
  const router = Router();
  for (const [path, { file, type }] of dashboardAssets()) {
    router.get(path, (_request, response, next) => {
      response.set({
        'content-security-policy': PAGE_SECURITY_POLICY,
        'cache-control': 'no-cache',
      });
      // The files are ours and listed one by one, so none is hidden because a folder above begins with a dot.
      response.sendFile(file, { headers: { 'content-type': type }, dotfiles: 'allow' }, (error) => {
        if (error !== undefined) next(error);
      });
    });
  }
  return router;
}
