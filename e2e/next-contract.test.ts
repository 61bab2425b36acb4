import { contractOfOne } from "@authmodes/bookstore/contract";
import { start } from "@authmodes/app-next";

// What the other apps pass among the tests that need no build.

contractOfOne(start);
