/// A function that is called while its caller waits: passed on without being stored or copied.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace coffer {
inline namespace v0 {
namespace detail {

template <class>
class function_ref;

/// Refers to a callable that outlives the call it is passed to.
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
public:
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, function_ref>)
    function_ref(F&& f)
    noexcept
        : object_{const_cast<void*>(static_cast<const void*>(std::addressof(f)))},
          call_{[](void* object, Arguments... arguments) -> Result {
              return (*static_cast<std::remove_reference_t<F>*>(object))(
                  std::forward<Arguments>(arguments)...);
          }} {}

    Result operator()(Arguments... arguments) const {
        return call_(object_, std::forward<Arguments>(arguments)...);
    }

private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

}  // namespace detail
}  // namespace v0
}  // namespace coffer
