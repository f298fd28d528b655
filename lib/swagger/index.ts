export { ApiRevragWebhook } from './api-revrag-webhook.decorator.js';
