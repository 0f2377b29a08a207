// SPDX-License-Identifier: Apache-2.0
#include "agent/git/objects.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <git2.h>
#include <strings.h>

namespace spyre::git {
namespace {

ObjectId to_id(const git_oid& oid) {
  ObjectId id;
  std::memcpy(id.data(), oid.id, id.size());
  return id;
}

std::string to_sha(const git_oid& oid) {
  std::string sha(GIT_OID_HEXSZ, '\0');
  git_oid_fmt(sha.data(), &oid);
  return sha;
}

Result<git_oid> parse_oid(const std::string& sha) {
  git_oid oid;
  if (git_oid_fromstr(&oid, sha.c_str()) != 0 || sha.size() != GIT_OID_HEXSZ) {
    return fail(ErrorKind::invalid, fmt::format("'{}' is not a full SHA", sha));
  }
  return oid;
}

TreeEntry::Kind kind_of(const git_tree_entry* entry) {
  switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
      return TreeEntry::Kind::directory;
    case GIT_FILEMODE_LINK:
      return TreeEntry::Kind::symlink;
    case GIT_FILEMODE_COMMIT:
      return TreeEntry::Kind::submodule;
    case GIT_FILEMODE_BLOB_EXECUTABLE:
      return TreeEntry::Kind::program;
    default:
      return TreeEntry::Kind::file;
  }
}

Result<Handle<git_tree_entry>> find(const git_tree* root, std::string_view path, const std::string& commit) {
  return make(fmt::format("no '{}' in commit {}", path, commit), git_tree_entry_bypath, root,
              std::string(path).c_str());
}

// Git creates no such names. A crafted tree must not make a checkout write outside its directory, nor create a
// configuration that git would read when a test runs it.
bool is_harmless(std::string_view name) {
  const bool is_git = name.size() == 4 && ::strncasecmp(name.data(), ".git", name.size()) == 0;
  return !name.empty() && name != "." && name != ".." && !is_git && name.find('/') == std::string_view::npos;
}

// Call `visit` for everything beneath a tree until it returns false.
template <typename Visit>
Result<bool> walk(git_repository* repository, const git_oid* id, const std::string& prefix, const Visit& visit) {
  TRY(const Handle<git_tree> tree, make("cannot read a directory of the commit", git_tree_lookup, repository, id));
  const std::size_t count = git_tree_entrycount(tree.get());
  for (std::size_t i = 0; i < count; ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(tree.get(), i);
    const TreeEntry::Kind kind = kind_of(entry);
    const std::string path = prefix + git_tree_entry_name(entry);
    if (!is_harmless(git_tree_entry_name(entry))) {
      return fail(ErrorKind::invalid, fmt::format("the commit has a file with the forbidden name '{}'", path));
    }
    const git_oid* child = git_tree_entry_id(entry);
    if (!visit(path, *child, kind)) return false;
    if (kind != TreeEntry::Kind::directory) continue;
    TRY(const bool go_on, walk(repository, child, path + '/', visit));
    if (!go_on) return false;
  }
  return true;
}

}  // namespace

// A reader that returns to the idle ones when the call is over.
class Objects::Loan {
 public:
  Loan(const Objects& owner, Reader reader) : m_owner(&owner), m_reader(std::move(reader)) {}
  Loan(Loan&& other) noexcept = default;
  Loan& operator=(Loan&&) = delete;
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() {
    if (!m_reader.odb) return;
    const std::lock_guard lock(m_owner->m_mutex);
    m_owner->m_idle.push_back(std::move(m_reader));
  }
  const Reader* operator->() const { return &m_reader; }
  const Reader& operator*() const { return m_reader; }

 private:
  const Objects* m_owner;
  Reader m_reader;
};

// The commit exists: a missing object of it is damage, not a wrong name.
template <typename T>
Result<T> Objects::or_damage(Result<T> result) const {
  if (!result && result.error().kind == ErrorKind::not_found) result.error().kind = ErrorKind::io;
  if (!result && result.error().kind == ErrorKind::io && result.error().hint.empty()) result.error().hint = m_advice;
  return result;
}

Result<std::shared_ptr<const Objects>> Objects::open(const std::filesystem::path& directory, std::string advice) {
  std::shared_ptr<const Objects> objects(new Objects(directory, std::move(advice)));
  CHECK_OK(objects->borrow());
  return objects;
}

Result<Objects::Loan> Objects::borrow() const {
  {
    const std::lock_guard lock(m_mutex);
    if (!m_idle.empty()) {
      Loan loan(*this, std::move(m_idle.back()));
      m_idle.pop_back();
      return loan;
    }
  }
  Reader reader;
  const std::string what = fmt::format("cannot read the objects in {}", m_directory.string());
  TRY(reader.odb, make(what, git_odb_open, m_directory.c_str()));
  TRY(reader.repository, make(what, git_repository_wrap_odb, reader.odb.get()));
  return Loan(*this, std::move(reader));
}

Result<std::string> Objects::commit_of(const std::string& sha) const {
  TRY(const git_oid oid, parse_oid(sha));
  TRY(const Loan reader, borrow());
  TRY(const Handle<git_object> object,
      make(fmt::format("no object {}", sha), git_object_lookup, reader->repository.get(), &oid, GIT_OBJECT_ANY));
  auto commit = make("not a commit", git_object_peel, static_cast<const git_object*>(object.get()), GIT_OBJECT_COMMIT);
  if (!commit) {
    const char* type = git_object_type2string(git_object_type(object.get()));
    return fail(ErrorKind::invalid, fmt::format("{} is a {}, not a commit", sha, type));
  }
  return to_sha(*git_object_id(commit->get()));
}

Result<std::vector<std::string>> Objects::commits_beginning_with(const std::string& digits) const {
  struct Search {
    git_odb* odb;
    std::string_view digits;
    std::vector<std::string> found;
  };
  TRY(const Loan reader, borrow());
  Search search{reader->odb.get(), digits, {}};
  const auto visit = [](const git_oid* id, void* payload) {
    auto& s = *static_cast<Search*>(payload);
    std::string sha = to_sha(*id);
    if (!sha.starts_with(s.digits)) return 0;
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&size, &type, s.odb, id) == 0 && type == GIT_OBJECT_COMMIT)
      s.found.push_back(std::move(sha));
    return 0;
  };
  CHECK_OK(checked("cannot search the objects", git_odb_foreach(reader->odb.get(), visit, &search)));
  std::sort(search.found.begin(), search.found.end());
  search.found.erase(std::unique(search.found.begin(), search.found.end()), search.found.end());  // in several packs
  return std::move(search.found);
}

Result<Handle<git_tree>> Objects::root(const Reader& reader, const std::string& commit) const {
  TRY(const git_oid oid, parse_oid(commit));
  TRY(const Handle<git_object> object,
      make(fmt::format("no commit {}", commit), git_object_lookup, reader.repository.get(), &oid, GIT_OBJECT_COMMIT));
  git_tree* tree = nullptr;
  const int code = git_commit_tree(&tree, reinterpret_cast<const git_commit*>(object.get()));
  CHECK_OK(or_damage(checked("cannot read the commit's root directory", code)));
  return Handle<git_tree>(tree);
}

Result<TreeEntry> Objects::entry(const std::string& commit, std::string_view path) const {
  TRY(const Loan reader, borrow());
  TRY(const Handle<git_tree> tree, root(*reader, commit));
  TRY(const Handle<git_tree_entry> entry, find(tree.get(), path, commit));
  return TreeEntry{std::string(path), to_id(*git_tree_entry_id(entry.get())), kind_of(entry.get())};
}

Result<std::vector<TreeEntry>> Objects::entries(const std::string& commit, std::string_view directory) const {
  TRY(const Loan reader, borrow());
  TRY(const Handle<git_tree> tree, root(*reader, commit));
  git_oid start = *git_tree_id(tree.get());
  std::string prefix;
  if (!directory.empty()) {
    TRY(const Handle<git_tree_entry> top, find(tree.get(), directory, commit));
    if (kind_of(top.get()) != TreeEntry::Kind::directory) {
      return fail(ErrorKind::not_found, fmt::format("'{}' in commit {} is not a directory", directory, commit));
    }
    start = *git_tree_entry_id(top.get());
    prefix = fmt::format("{}/", directory);
  }
  std::vector<TreeEntry> found;
  const auto add = [&found](const std::string& path, const git_oid& id, TreeEntry::Kind kind) {
    found.push_back(TreeEntry{path, to_id(id), kind});
    return true;
  };
  CHECK_OK(or_damage(walk(reader->repository.get(), &start, prefix, add)));
  return found;
}

Result<void> Objects::with_blob(const ObjectId& id, const std::function<Result<void>(std::string_view)>& use) const {
  git_oid oid;
  git_oid_fromraw(&oid, id.data());
  TRY(const Loan reader, borrow());
  TRY(const Handle<git_odb_object> object,
      or_damage(make(fmt::format("cannot read object {}", to_sha(oid)), git_odb_read, reader->odb.get(),
                     static_cast<const git_oid*>(&oid))));
  return use({static_cast<const char*>(git_odb_object_data(object.get())), git_odb_object_size(object.get())});
}

Result<void> Objects::with_repository(const std::function<Result<void>(git_repository*)>& use) const {
  TRY(const Loan reader, borrow());
  return or_damage(use(reader->repository.get()));
}

bool Objects::has_all_of(const std::string& commit) const {
  const auto reader = borrow();
  if (!reader) return false;
  const auto tree = root(**reader, commit);
  if (!tree) return false;
  git_odb* odb = (*reader)->odb.get();
  const auto is_there = [odb](const std::string&, const git_oid& id, TreeEntry::Kind kind) {
    // Do not refresh: one missing object is enough, and looking for new packs after each would take long.
    return kind == TreeEntry::Kind::submodule || git_odb_exists_ext(odb, &id, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
  };
  return walk((*reader)->repository.get(), git_tree_id(tree->get()), {}, is_there).value_or(false);
}

}  // namespace spyre::git
